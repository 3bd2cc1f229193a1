# AULLM-MM: `make demo` shows the main job on a fresh machine, `make test` tests all.
# A Python of one's own choice: make PYTHON=python3.12 demo
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.10 python3,\
    $(shell command -v $(p) >/dev/null 2>&1 && $(p) -c "import sys; sys.exit(not (3,10) <= sys.version_info[:2] <= (3,12))" >/dev/null 2>&1 && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONFIG := configs/aullm_casme2.py
RUN := work_dirs/demo
OUT := demo_output

.PHONY: demo test env clean-demo
.DELETE_ON_ERROR:

demo: $(READY)
	$(BIN)/python tools/prepare_llm.py SmolLM2-135M-Instruct
	$(BIN)/python tools/make_synthetic.py --layout casme2 --out data/casme2 --reuse
	@$(MAKE) --no-print-directory $(RUN)/trained
	$(BIN)/python tools/test.py $(CONFIG) --work-dir $(RUN) --dump $(OUT)/predictions.pkl
	$(BIN)/python tools/analysis/draw_predictions.py $(CONFIG) --work-dir $(RUN) \
		--predictions $(OUT)/predictions.pkl --out $(OUT)
	@echo "Look at $(OUT)/predictions.png and $(OUT)/au_graph.png; log and checkpoint are in $(RUN)."

data/casme2/annotations.json: $(wildcard data/casme2/*.xlsx)
	$(BIN)/python tools/prepare_corpus.py casme2 --root data/casme2

# Training is done once for this config and this corpus.
$(RUN)/trained: $(CONFIG) data/casme2/annotations.json
	$(BIN)/python tools/train.py $(CONFIG) --work-dir $(RUN)
	@touch $@

test: $(READY)
	$(BIN)/python -m pytest

env: $(READY)

$(READY): requirements/pinned.txt requirements/nodeps.txt setup.py
	@test -n "$(PYTHON)" || { echo "Python 3.10, 3.11 or 3.12 is needed; name one: make PYTHON=/path/to/python3.11 demo"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements/pinned.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements/nodeps.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean-demo:
	rm -rf $(RUN) $(OUT)
