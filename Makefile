# Every target sets up what it needs, in .venv/.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run chat test browser lint bench load lock clean
.DEFAULT_GOAL := run

run: $(READY)
	$(BIN)/zhuye serve

chat: $(READY)
	$(BIN)/zhuye chat

# Many tests wait, for browsers and other processes: more at once than small machines have processors.
test: $(READY) browser
	$(BIN)/python -m pytest -n 4 --dist worksteal

# The pages are tried in a real browser: Debian's, which root can install.
browser:
	command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; } \
		|| { echo "chromium is missing: install it (Debian: apt-get install chromium fonts-noto-cjk)" >&2; exit 1; }

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zhuye knowledge check

bench: $(READY)
	$(BIN)/python -m benchmarks $(ONLY)

load: $(READY)
	$(BIN)/python -m tests.faults $(ARGS)

lock:
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv build dist
