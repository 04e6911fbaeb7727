# `make` alone explains the targets. What they do is in tools/tasks.py, which runs without make too (as on Windows).

PYTHON ?= python3
PORT ?= 8000
UV ?= $(shell command -v uv 2>/dev/null)

ENV := .venv
READY := $(ENV)/ready
TASK := $(ENV)/bin/python -m tools.tasks
CONSTRAINTS := requirements/constraints.txt

ifeq ($(UV),)
INSTALL := $(ENV)/bin/python -m pip install --quiet --disable-pip-version-check
else
INSTALL := $(UV) pip install --quiet --python $(ENV)/bin/python
endif

.PHONY: help serve test book pyodide notebooks check test-all soak labs grade regrade labs-check bench bench-web print release clean

help:
	@echo "make serve      set everything up, build the book and serve it on 127.0.0.1 (PORT=8000)"
	@echo "make test       the quick gate: check, unit tests, every notebook, the book, one page in a browser"
	@echo "make book       build the book into _build/html, warnings being errors"
	@echo "make pyodide    fetch and put together the Python that the pages run (make book does it too)"
	@echo "make notebooks  run every notebook again and write its normal form (REAL=1: what real servers do, too)"
	@echo "make check      lint, format, types, the form of the notebooks, the time that it all takes"
	@echo "make test-all   what make test leaves out: browser and slow tests"
	@echo "make soak       thousands of random schedules of faults, which take minutes"
	@echo "make labs       make what students get of the labs in _build/labs (COURSE=file STUDENTS=file for their codes)"
	@echo "make grade      grade SUBMISSIONS=folder into _build/grades (LAB=name COURSE=file JOBS=n TRUST=1)"
	@echo "make regrade    grade one of them again, ID=name, and say what has changed"
	@echo "make labs-check judge the labs' judges: solution, release, wrong answers, cheats"
	@echo "make print      print each chapter as a PDF into _build/print"
	@echo "make release    put the site, the wheel and the print edition into _build/release"
	@echo "make bench      compare ftlib with its peers"
	@echo "make bench-web  measure the built pages in a browser"
	@echo "make clean      remove what the other targets made, the virtual environment included"
	@echo
	@echo "Python 3.11 or newer is needed. To name one: make PYTHON=python3.12 serve"

serve: $(READY)
	@$(TASK) serve $(PORT)

book pyodide notebooks check soak: $(READY)
	@$(TASK) $@

test test-all bench-web print release: $(READY) $(ENV)/ready-browser
	@$(TASK) $@

bench test-all $(if $(REAL),notebooks): $(ENV)/ready-real

grade regrade: $(READY)
	@$(TASK) $@

labs labs-check test-all: $(ENV)/ready-labs

bench test-all: $(ENV)/ready-dask

labs labs-check: $(READY)
	@$(TASK) $@

bench: $(READY) $(ENV)/ready-bench
	@$(TASK) $@

clean:
	rm -rf $(ENV) _build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment made by a Python that has gone, or only half made, is made anew.
$(READY): requirements.txt $(CONSTRAINTS) pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "no $(PYTHON) found: name a Python 3.11 or newer, as in make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "$(PYTHON) is Python %d.%d, and 3.11 or newer is needed: make PYTHON=python3.12" % v[:2])'
	@echo "Setting up $(ENV) (once; a few minutes)"
	@if ! $(ENV)/bin/python -c '' 2>/dev/null; then rm -rf $(ENV); \
	  if [ -n "$(UV)" ]; then "$(UV)" venv --quiet --seed --no-python-downloads --python "$(PYTHON)" $(ENV); \
	  else "$(PYTHON)" -m venv $(ENV) || { rm -rf $(ENV); echo "$(PYTHON) cannot make a virtual environment: install its venv package, or uv" >&2; exit 1; }; fi; fi
	@$(INSTALL) -r requirements.txt
	@touch $@

$(ENV)/ready-%: requirements/%.txt $(READY)
	@$(INSTALL) -r $< -c $(CONSTRAINTS)
	@touch $@
