collect_ignore_glob = ["right/*", "wrong/*"]  # answers, which the tests read as text
