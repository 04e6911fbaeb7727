# answers, which the tests read as text
collect_ignore_glob = ["right/*", "wrong/*", "cheating/*"]
