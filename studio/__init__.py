"""The shell: server, HTTP API, command line, navigation and the parts that pages share."""
