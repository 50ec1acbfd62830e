# Two commands do all the set-up: `make demo` and `make test`. They need Python 3.11 or newer, with venv.

PYTHON ?= python3
PORT ?= 5000
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test coverage check browser catalogs docs sheet clean

# The stamp is older than setup.cfg when what is needed has changed.
$(VENV)/.installed: setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

demo: $(VENV)/.installed
	@echo "The demo runs at http://127.0.0.1:$(PORT)/ - press Ctrl+C to end it."
	@$(BIN)/flask --app demo_app run --port $(PORT)

browser:
	@sh tests/browser/fetch.sh

test: $(VENV)/.installed browser
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile

# Lines and branches of the package that no test without a browser reaches.
coverage: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet "coverage>=7.6"
	$(BIN)/python -m coverage run -m pytest -q -m "not browser and not benchmark and not cluster"
	$(BIN)/python -m coverage report

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

catalogs: $(VENV)/.installed
	$(BIN)/pybabel extract -F translations/babel.cfg -k N_ -k text --no-location -o translations/flask_cookieconsent.pot flask_cookieconsent
	$(BIN)/pybabel update -D flask_cookieconsent -i translations/flask_cookieconsent.pot -d translations --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel compile -D flask_cookieconsent -d translations

docs: $(VENV)/.installed
	$(BIN)/python -m docs.services

sheet: $(VENV)/.installed browser
	$(BIN)/python -m tests.browser.sheet

clean:
	rm -rf $(VENV) build dist *.egg-info
