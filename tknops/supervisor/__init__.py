"""Run the whole product in the foreground: server, web, worker and beat, stopped together."""
