"""Every read of the database, one module a noun."""
