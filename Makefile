# The commands people type. Each makes .venv first if no environment is active.
PYTHON ?= python3
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count())')

ifdef VIRTUAL_ENV
VENV := $(VIRTUAL_ENV)
else
VENV := .venv
endif
PY := $(VENV)/bin/python
# Settings for the build backend, as in: make test CONFIG='--config-settings=cmake.define.WERROR=ON'
CONFIG ?=
# What stands before a command that loads the extension (the sanitizers need their library loaded first).
RUN ?=

# An editable install whose build tree stays in build/, so that the next one compiles what has changed.
install = $(PY) -m pip install --quiet --no-build-isolation $(CONFIG) --editable '.$(if $(1),[$(1)])'

.PHONY: help build demo test lint bench sanitize generate docs wheel clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.requirements: pyproject.toml cmake/requirements.py | $(PY)
	$(PY) cmake/requirements.py
	touch $@

build: $(VENV)/.requirements  ## compile, and install into the environment
	$(call install,)

demo: $(VENV)/.requirements  ## gradient descent, then a classifier of digits; saves pictures
	$(call install,demo)
	$(RUN) $(PY) -m steepest demo

test: $(VENV)/.requirements  ## the whole test suite; PYTEST_ARGS are passed on
	$(call install,test)
	$(RUN) $(PY) -m pytest $(PYTEST_ARGS)

lint: $(PY)  ## ruff
	$(PY) -m pip install --quiet ruff
	$(PY) -m ruff check .

bench: $(VENV)/.requirements  ## side by side with PyTorch, which it installs; BENCH_ARGS are passed on, as --quick
	$(call install,bench)
	$(PY) benchmarks/speed.py $(BENCH_ARGS)

sanitize: CONFIG := $(foreach setting,build-dir=build/sanitize/{wheel_tag} cmake.define.SANITIZE=ON \
                   install.strip=false,--config-settings=$(setting))
sanitize:  ## the test suite under ASan and UBSan, in an environment of its own
	$(PYTHON) -m venv build/sanitize/venv
	$(MAKE) test VIRTUAL_ENV='$(CURDIR)/build/sanitize/venv' CONFIG='$(CONFIG)' \
	  RUN='env LD_PRELOAD="$(foreach library,asan stdc++,$(shell $(CXX) -print-file-name=lib$(library).so))" \
	  PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16'

generate: build  ## rewrite docs/ops.md and the stub of the extension from the op table
	$(PY) docs/generate.py

docs: $(VENV)/.requirements  ## API pages, in build/docs
	$(call install,docs)
	$(PY) docs/generate.py
	$(PY) -m pdoc --output-directory build/docs steepest

wheel: $(PY)  ## a wheel in dist/, tried in an empty environment
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir dist --config-settings=build-dir=build/wheel/{wheel_tag} .
	$(PYTHON) -m venv --clear build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet --no-cache-dir --find-links dist steepest
	cd build/wheel && venv/bin/python ../../tests/smoke.py

clean:  ## remove what the other commands have made, the environment excepted
	rm -rf build dist
