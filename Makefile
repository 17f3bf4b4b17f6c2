# Everything a newcomer, a developer or CI runs. Needs make and Python 3.11 to 3.13 with venv; no database, no root.
#   make demo     the main job on real services, ending with a card and one line
#   make serve    the sample park to look around in: web, worker and beat, until Ctrl-C or make stop
#   make test     all tests on embedded services
#   make launcher the embedded servers: started, killed, healed, by each kind of user
#   make check    what needs no tests: style, types, layers, migrations, translations
#   make drills   servers and processes killed under traffic; DRILL_ARGS=--long for the long forms
#   make browser  the desk in headless Chromium (apt-get install chromium fonts-noto-cjk)
#   make bench    the planner beside others' on literature instances and on parks, awards beside greedy ones, into
#                 docs/benchmarks.md; BENCH_ARGS="--seconds 60", PARK_ARGS="--seeds 1 --rows 1000/70/5",
#                 AWARD_ARGS="--seeds 1 2 --kinds all_units"
#   make fuzz     thousands of calls of the API by schemathesis, for three programs of a firm
#   make pictures the pictures of the READMEs, taken anew
#   make openapi-release  the schema as it is now becomes the one that later ones must not break
#   make openapi  the schema of the API brought up to the doors
#   make setup    the packages, the catalogue and the planner's kernels, which all others need
#   make messages the catalogue of translations brought up to the source
# PYTHON=python3.12 make …   chooses the interpreter of the virtual environment.

PYTHON ?= python3
VENV ?= .venv
PARALLEL := --numprocesses 2 --dist worksteal
PYTEST_ARGS ?= $(PARALLEL)
DEMO_ARGS ?=
SERVE_ARGS ?=
SERVE_PORT ?=
FLOWS_ARGS ?=
BROWSER_ARGS ?=
BENCH_ARGS ?=
PARK_ARGS ?=
AWARD_ARGS ?=
DRILL_ARGS ?=
SOURCES := mes orders procurement production tests

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DRILLS := worker_killed broker_lost database_restarted web_killed round_close
CATALOGUE := mes/core/locale/zh_Hans/LC_MESSAGES/django.po
COMPILED := $(CATALOGUE:.po=.mo)
KERNELS := var/kernels/.ready
PEERS := var/peers
DEMO := $(BIN)/python -m mes.embedded run --for demo --
SCHEMA := $(BIN)/python manage.py spectacular --lang en --validate --fail-on-warn
TEST := $(BIN)/python -m mes.embedded run --for test --

export PYTHONUNBUFFERED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Who tells Python to keep no compiled modules has each of the many processes here compile all of them.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: setup demo serve test fuzz fuzz-short launcher beside-flows check check-steps openapi openapi-release messages flows browser bench pictures drills smoke smoke-servers promises full stop

setup: $(COMPILED) $(KERNELS)

demo: $(COMPILED) $(KERNELS)
	@$(DEMO) $(BIN)/python manage.py demo --exit --json var/demo.json $(DEMO_ARGS)

serve: $(COMPILED) $(KERNELS)
	@$(BIN)/python -m mes.embedded serve --end-with-parent $(if $(SERVE_PORT),--port $(SERVE_PORT)) $(SERVE_ARGS)

test: $(COMPILED) $(KERNELS)
	@$(TEST) $(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(COMPILED)
	@$(TEST) $(MAKE) --no-print-directory check-steps

# Types and migrations are checked with the settings loaded, so these run where the services' addresses are known.
check-steps:
	@echo "check: format";     $(BIN)/ruff format --check .
	@echo "check: lint";       $(BIN)/ruff check .
	@echo "check: types";      $(BIN)/mypy
	@echo "check: layers";     $(BIN)/lint-imports --no-logo
	@echo "check: compile";    $(BIN)/python -m compileall -q -f $(SOURCES) manage.py
	@echo "check: django";     $(BIN)/python manage.py check --fail-level WARNING
	@echo "check: deploy";     MES_ENVIRONMENT=production BEHIND_TLS_PROXY=true $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "check: migrations"; $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "check: schema";     $(SCHEMA) | diff -u docs/openapi/v1.yaml -
	@echo "check: codes";      $(BIN)/python -m tests.architecture.error_codes | diff -u docs/errors.md -
	@echo "check: breaks";     $(BIN)/python -m tests.architecture.breaking check
	@echo "check: translations"; $(BIN)/python -m tests.architecture.catalogue check

# What the doors say of themselves, with examples that a test records. `make check` refuses a schema that differs.
openapi: $(COMPILED)
	@RECORD_EXAMPLES=1 $(TEST) $(BIN)/python -m pytest tests/api/test_examples.py::test_the_examples_are_what_the_api_answers
	@$(TEST) $(SCHEMA) --file docs/openapi/v1.yaml
	@$(TEST) $(BIN)/python -m tests.architecture.error_codes > docs/errors.md
	@$(TEST) $(BIN)/python -m tests.architecture.webhooks > docs/openapi/webhooks.yaml

# From then on `make check` refuses what breaks programs that were written for the schema as it is now.
openapi-release: $(INSTALLED)
	@$(BIN)/python -m tests.architecture.breaking release

# New strings get an empty translation, which check refuses; what the source no longer says is dropped.
messages: $(INSTALLED)
	@$(BIN)/python -m tests.architecture.catalogue update

# Some minutes on the real thing. More joins it as it is built. The flows wait for servers most of the time, so that the
# other core goes on with what comes next.
smoke: demo
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=recurse flows beside-flows
	@$(MAKE) --no-print-directory drills

beside-flows:
	@$(MAKE) --no-print-directory launcher
	@$(MAKE) --no-print-directory fuzz-short
	@$(MAKE) --no-print-directory browser
	@$(MAKE) --no-print-directory smoke-servers

# The same on Debian's PostgreSQL and Redis, which must be installed: web, two workers and beat, called by three firms.
smoke-servers: $(COMPILED)
	@$(BIN)/python -m tests.smoke.debian

# Each kind of user in turn, where the one who asks may become it.
launcher: $(COMPILED)
	@$(TEST) $(BIN)/python -m pytest $(PARALLEL) tests/embedded

# The whole stack in a clone of its own: started, stopped, killed, and docs/first-call.md called.
flows: $(COMPILED) $(KERNELS)
	@$(TEST) $(BIN)/python -m pytest -n 0 tests/flows $(FLOWS_ARGS)

# Thousands of calls of the served API by three kinds of keys: each answer is one that the schema promises. FUZZ_EXAMPLES=20
# sends more, FUZZ_SEED=2 others.
fuzz: $(COMPILED) $(KERNELS)
	@$(TEST) $(BIN)/python -m pytest -n 0 -q -s tests/fuzz

# Each phase, with every operation but in the coverage phase, which meets each twenty-fourth, others for each key.
fuzz-short:
	@FUZZ_SHARE=24 FUZZ_EXAMPLES=1 FUZZ_SCENARIOS=4 $(MAKE) --no-print-directory fuzz

# Every page of the desk in Chromium, in Chinese, most in English too; pictures of them in var/screenshots.
browser: $(COMPILED)
	@command -v chromium >/dev/null || { echo "chromium is missing: apt-get install chromium fonts-noto-cjk" >&2; exit 2; }
	@$(TEST) $(BIN)/python -m pytest -n 0 tests/browser $(BROWSER_ARGS)

# Job shops ten seconds each, about ten minutes in all; parks about twenty, awards up to ninety. Nothing else should run beside it.
bench: $(KERNELS) $(PEERS)/.installed
	@$(BIN)/python -m tests.benchmarks.jobshop --peer $(abspath $(PEERS)/bin/python) $(BENCH_ARGS)
	@$(BIN)/python -m tests.benchmarks.park $(PARK_ARGS)
	@$(BIN)/python -m tests.benchmarks.award $(AWARD_ARGS)
	@$(BIN)/python -m tests.benchmarks.page

pictures: $(COMPILED)
	@$(DEMO) $(BIN)/python -m tests.browser.pictures

# Whether what the other members have not published changes a byte of a firm's promises, asked a thousand times.
promises: $(COMPILED) $(KERNELS)
	@PROMISE_CALLS=1000 $(TEST) $(BIN)/python -m pytest -n 0 -q -s -k others_unpublished_load tests/isolation/test_promises.py

full: export EXAMPLES_SHARE := 1
full: check test smoke fuzz promises
	@$(MAKE) --no-print-directory drills DRILL_ARGS=--long

# Each on servers of its own. One that fails does not keep the others from being run.
drills: $(COMPILED)
	@failed=0; for drill in $(DRILLS); do $(BIN)/python -m tests.drills.$$drill $(DRILL_ARGS) || failed=1; done; exit $$failed

stop:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m mes.embedded stop; fi

$(COMPILED): $(CATALOGUE) $(INSTALLED)
	@$(BIN)/pybabel --quiet compile --locale zh_Hans --input-file $< --output-file $@

# The machine code of the planner's kernels, so that no plan waits for a compiler.
$(KERNELS): $(INSTALLED) $(shell find production/planning -path '*kernel*' -name '*.py')
	@$(BIN)/python -m production.planning compile >/dev/null
	@mkdir -p $(@D) && touch $@

# The planners that this one is compared with, apart from what the project itself runs on.
$(PEERS)/.installed: requirements-bench.lock
	@echo "bench: packages of requirements-bench.lock into $(PEERS)"
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	@touch $@

$(INSTALLED): requirements-dev.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: apt-get install python3 python3-venv" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Python 3.11 to 3.13 is needed, $(PYTHON) is $$($(PYTHON) -V): make PYTHON=python3.11 …" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv: apt-get install python3-venv" >&2; exit 2; }
	@[ ! -L $(VENV) ] || { echo "$(VENV) is a link: what it leads to would be emptied" >&2; exit 2; }
	@echo "setup: packages of requirements-dev.lock into $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
