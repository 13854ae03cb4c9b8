"""Programs of users: the SDKs and instrumentations as documented, each in an environment apart."""
