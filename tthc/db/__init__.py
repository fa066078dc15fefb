"""How things are kept: models, constraints, migrations, and the only place with ``select()``."""
