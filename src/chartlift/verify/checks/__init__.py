"""What two renderings are checked for; each module is one concern, each check yields findings."""
