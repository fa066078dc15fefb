"""The virtual environment of the working copy: made, brought up to the lock files, and run in.

Standard library only, on Linux, macOS and Windows. The rules: packages come from ``scripts/lock`` with their
hashes and from nowhere else; a stamp written last says that the environment is whole; without it ``.venv`` is
built anew; whoever comes second waits for the first; nothing of the caller's own Python settings reaches it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = os.name == "nt"

# How much is installed. The tests need everything that running needs, so a test environment also serves.
RUN = "run"
TEST = "test"

# Settings of pip that say where packages come from and how they are reached. The others (PIP_USER,
# PIP_TARGET, PIP_NO_DEPS, PIP_CONSTRAINT …) change what is installed or where to, and are left behind.
_KEPT_PIP_SETTINGS = {
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_KEYRING_PROVIDER",
    "PIP_NO_CACHE_DIR",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
}
_KEPT_PYTHON_SETTINGS = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONHASHSEED",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUNBUFFERED",
}


class Failure(Exception):
    """The environment cannot be made; the message is one Vietnamese sentence saying what to do."""


def clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment without what would bend Python or pip (VIRTUAL_ENV, PYTHONPATH …)."""
    kept = {}
    for name, value in environ.items():
        upper = name.upper()
        if upper.startswith("PIP_") and upper not in _KEPT_PIP_SETTINGS:
            continue
        if upper.startswith("PYTHON") and upper not in _KEPT_PYTHON_SETTINGS:
            continue
        if upper in {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__"}:
            continue
        kept[name] = value
    # Output that is redirected on Windows would otherwise be in a code page without Vietnamese letters.
    kept["PYTHONUTF8"] = "1"
    kept["PYTHONNOUSERSITE"] = "1"
    return kept


def say(message: str) -> None:
    """Tell the person what is going on; on standard error, so that standard output is the command's own."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def make_streams_safe() -> None:
    """Let a terminal without Vietnamese letters show replacements instead of ending in an error."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


class Environment:
    """The ``.venv`` of one working copy."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / "tthc-stamp.json"
        self.lock_file = root / ".venv.lock"
        self.programs = self.folder / ("Scripts" if WINDOWS else "bin")
        self.python = self.programs / ("python.exe" if WINDOWS else "python")

    def wanted(self, level: str) -> dict[str, str]:
        """Return what the stamp must say for the environment to be whole at this level (RUN or TEST)."""
        wanted = {
            "python": ".".join(map(str, sys.version_info[:2])),
            # Start files hold absolute paths: a folder that was moved needs a new environment.
            "folder": str(self.folder),
            "pyproject": _digest(self.root / "pyproject.toml"),
            RUN: _digest(self._lock_of(RUN)),
        }
        if level == TEST:
            wanted[TEST] = _digest(self._lock_of(TEST))
        return wanted

    def is_ready(self, level: str) -> bool:
        """Return whether nothing need be done; a test environment is also ready to run."""
        stamp = self._read_stamp()
        return all(stamp.get(key) == value for key, value in self.wanted(level).items()) and self._answers()

    def prepare(self, level: str) -> None:
        """Make the environment whole at this level. Raises Failure with what the person can do about it."""
        if self.is_ready(level):
            return
        with self._only_one():
            if self.is_ready(level):
                return
            stamp, wanted = self._read_stamp(), self.wanted(level)
            usable = all(stamp.get(key) == wanted[key] for key in ("python", "folder")) and self._answers()
            # A test environment stays one when the packages for running are renewed.
            if usable and TEST in stamp:
                level = TEST
            self.stamp.unlink(missing_ok=True)
            if not usable:
                say("Đang tạo môi trường Python trong .venv; lần đầu có thể mất vài phút…")
                self._create()
            else:
                say("Đang cập nhật môi trường Python trong .venv…")
            self._install(level)
            partial = self.stamp.with_suffix(".part")
            partial.write_text(json.dumps(self.wanted(level), indent=1) + "\n", "utf-8")
            partial.replace(self.stamp)

    def run(self, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
        """Run a Python command line (without the interpreter) in the environment and return its exit code."""
        command = [str(self.python), *arguments]
        return subprocess.run(command, cwd=self.root, env=dict(environ), check=False).returncode

    def hand_over(self, program: str, arguments: Sequence[str]) -> NoReturn:
        """Become an installed program, e.g. ``tthc``: same terminal, same signals, its exit code is ours."""
        environ = clean_environ(os.environ)
        sys.stdout.flush()
        sys.stderr.flush()
        if not WINDOWS:
            command = [str(self.python), str(self.programs / program), *arguments]
            os.execve(command[0], command, environ)  # noqa: S606 - no shell is wanted
        # Windows has no exec that keeps the console. Ctrl+C reaches parent and child alike: the parent waits.
        import signal

        process = subprocess.Popen([str(self.programs / f"{program}.exe"), *arguments], env=environ)
        for name in ("SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        sys.exit(process.wait())

    def _lock_of(self, level: str) -> Path:
        return self.root / "scripts" / "lock" / f"{level}.txt"

    def _read_stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _answers(self) -> bool:
        """Return whether the interpreter starts: the one beneath may be gone after an upgrade."""
        try:
            done = subprocess.run(
                [str(self.python), "-I", "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"],
                capture_output=True,
                text=True,
                check=False,
                env=clean_environ(os.environ),
            )
        except OSError:
            return False
        return done.returncode == 0 and done.stdout.strip() == ".".join(map(str, sys.version_info[:2]))

    def _create(self) -> None:
        base = _base_python()
        _ensure_venv_module(base)
        try:
            if self.folder.is_symlink() or self.folder.is_file():
                self.folder.unlink()
            elif self.folder.exists():
                shutil.rmtree(self.folder)
        except OSError as error:
            raise Failure(
                f"Không xóa được thư mục .venv dở dang ({error.strerror}): hãy dừng các tiến trình "
                "đang dùng nó, xóa thư mục ấy rồi chạy lại."
            ) from error
        _run_or_fail(
            [base, "-I", "-m", "venv", str(self.folder)],
            "Không tạo được môi trường Python trong .venv; xem các dòng lỗi ở trên.",
        )

    def _install(self, level: str) -> None:
        pip = [
            str(self.python),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "install",
            "--quiet",
        ]
        _run_or_fail(
            [*pip, "--require-hashes", "-r", str(self._lock_of(level))],
            "Không cài được các gói ghi trong scripts/lock; hãy kiểm tra kết nối mạng rồi chạy lại.",
        )
        # The build tools are in the lock file, so nothing is fetched besides it.
        _run_or_fail(
            [*pip, "--no-deps", "--no-build-isolation", "-e", str(self.root)],
            "Không cài được chương trình vào .venv; xem các dòng lỗi ở trên.",
        )

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """Hold the lock of the working copy; a second start waits here until the first is through."""
        try:
            # Left in place when done: removing it would let a third start lock another file of the same name.
            stream = self.lock_file.open("a+b")
        except OSError as error:
            raise Failure(
                f"Không ghi được vào thư mục {self.root} ({error.strerror}): "
                "hãy chạy bằng tài khoản có quyền ghi ở đó."
            ) from error
        with stream:
            if not _try_lock(stream):
                say("Một lần khởi động khác đang chuẩn bị môi trường; đang chờ…")
                while not _try_lock(stream):
                    time.sleep(0.2)
            try:
                yield
            finally:
                _unlock(stream)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise Failure(f"Thiếu tệp {path}: bản mã nguồn này không đầy đủ, hãy tải lại.") from error


def _base_python() -> str:
    """Return the interpreter beneath an active virtual environment: that may be the one to be replaced."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _ensure_venv_module(base: str) -> None:
    """Debian and Ubuntu ship Python without ensurepip: install it where allowed, else say what is missing."""
    if _has_venv_module(base):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if install_debian_package(package) and _has_venv_module(base):
        return
    raise Failure(
        f"Python này thiếu mô-đun venv: hãy cài nó (Debian, Ubuntu: sudo apt install {package}) rồi chạy lại."
    )


def _has_venv_module(base: str) -> bool:
    command = [base, "-I", "-c", "import ensurepip, venv"]
    done = subprocess.run(command, capture_output=True, check=False, env=clean_environ(os.environ))
    return done.returncode == 0


def install_debian_package(*packages: str) -> bool:
    """Install packages with apt where this process may; return whether apt said that they are there."""
    if WINDOWS or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Đang cài {' '.join(packages)} bằng apt…")
    environ = {**clean_environ(os.environ), "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            sys.stderr.write(done.stdout.decode("utf-8", "replace"))
            # An old list of packages may still do; only a failed installation is final.
            if "install" in command:
                return False
    return True


def _run_or_fail(command: Sequence[str], sentence: str) -> None:
    done = subprocess.run(
        command,
        env=clean_environ(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise Failure(sentence)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(stream: IO[bytes]) -> bool:
        stream.seek(0)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(stream: IO[bytes]) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(stream: IO[bytes]) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
