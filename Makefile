# make run    start the portal with demo data on this machine    [PORT=8000] [HOST=127.0.0.1]
# make test   everything that must hold before a change goes in  [ARGS="-k name"]
# make lint   the quick part of it, without tests
# Python 3.11 or newer is looked for; PYTHON=/path/to/python chooses one.

.PHONY: run test lint help
.DEFAULT_GOAL := help
export HOST PORT ARGS

FIND_PYTHON = for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3; do \
		[ -n "$$python" ] || continue; \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
			&& exec "$$python" config/bootstrap.py $@; \
		[ -z "$(PYTHON)" ] || break; \
	done; \
	echo "$(if $(PYTHON),PYTHON=$(PYTHON) does not start Python 3.11 or newer.,Python 3.11 or newer is needed: install it or name one with PYTHON=/path/to/python.)" >&2; \
	exit 1

run test lint:
	@$(FIND_PYTHON)

help:
	@sed -n '1,/^$$/s/^# //p' Makefile
