"""Settings: `base` is common, `dev`, `test` and `prod` say in what they differ."""
