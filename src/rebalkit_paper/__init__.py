"""A broker on paper: an account on disk that trades as strictly as a real one."""
