"""What lies on disk: segment files of named arrays with checksums, and how they are made, merged and committed."""
