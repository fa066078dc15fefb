# -*- coding: utf-8 -*-
"""Start the system from a working copy: python3 scripts/serve.py [--demo] [--host H] [--port N].

The first start makes .venv and installs; all options are handed on to `tthc serve`. Old Pythons can read this
file too, so that they can say which one is needed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the reason why this file exists in this form
    sys.stderr.write("Cần Python 3.11 trở lên; máy đang dùng bản %d.%d.\n" % tuple(sys.version_info[:2]))  # noqa: UP031
    sys.exit(1)

import os

# Python leaves the folder of the script out of the path when PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import environment


def main() -> None:
    environment.make_streams_safe()
    here = environment.Environment()
    try:
        here.prepare(environment.RUN)
    except environment.Failure as failure:
        environment.say(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        environment.say("Đã dừng khi chưa cài xong; lần chạy sau sẽ làm lại.")
        sys.exit(130)
    here.hand_over("tthc", ["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
