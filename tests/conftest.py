"""What all tests may ask for, by subject."""

pytest_plugins = [
    "tests.clock",
    "tests.people",
    "tests.databases",
    "tests.sessions",
    "tests.prepared",
    "tests.applications",
]
