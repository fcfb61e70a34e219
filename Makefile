# What can be done here: make help

TOOLS    ?= $(or $(SPOKEWRIGHT_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/spokewright)/tools
KUSTOMIZE = $(TOOLS)/kustomize-v5.8.2
LINTER    = $(TOOLS)/golangci-lint-v2.5.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

export SPOKEWRIGHT_KUSTOMIZE = $(KUSTOMIZE)
export CGO_ENABLED ?= 0

.PHONY: help build render check test fuzz causes conformance conformance-bootstrap hub hub-test hub-size bench lint tidy tools tables picture golden binaries image reproducible sbom history release vuln
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/spokewright
	@go build -trimpath -buildvcs=false -o bin/spokewright ./cmd/spokewright

render: build ## Render the sample fleet into golden/
	@bin/spokewright render

check: build ## Check the sample fleet as a pull request would be
	@bin/spokewright check

test: tools build ## Run all tests that need no running controller
	go vet ./...
	go test -count=1 -timeout 20m ./...

FUZZTIME ?= 30s
DOORS     = schema:FuzzEnvironment schema:FuzzFleetConfig schema:FuzzTree schema:FuzzRule internal/constraint:FuzzParse internal/review:FuzzPrinters internal/applicationset:FuzzExpand

PROPERTIES = $(sort $(shell grep -rl --include=*_test.go property.Check cmd functions internal | xargs -n1 dirname))

fuzz: ## Try every door with random texts, FUZZTIME each (30s), and properties on new draws; make test tries what is known
	SPOKEWRIGHT_SEED=random go test -count=1 $(PROPERTIES:%=./%)
	@for door in $(DOORS); do go test -run NONE -fuzz "^$${door#*:}\$$" -fuzztime $(FUZZTIME) ./$${door%:*} || exit 1; done

causes: ## Hold explain to real edits of every line of three fleets; make test tries some
	SPOKEWRIGHT_CAUSES=all go test -count=1 -timeout 60m -run TestCausesAreWhatChangesAField -v ./cmd/spokewright

# What the later tests run is built while the first ones wait for their controllers.
LATER = kyverno cosign crossplane crank function-patch-and-transform function-auto-ready cue

conformance: ## Run what Spokewright emits against the real controllers
	cd conformance && { nice go run ./cmd/parts $(LATER) >/dev/null 2>&1 & builds=$$!; go test -count=1 -timeout 75m ./...; code=$$?; \
		kill $$builds 2>/dev/null; exit $$code; }

conformance-bootstrap: ## Follow docs/bootstrap.md with OpenTofu, Terragrunt and Helm (builds them once; needs SPOKEWRIGHT_CRDS)
	cd conformance && SPOKEWRIGHT_BOOTSTRAP=1 go test -count=1 -timeout 90m -v -run 'TestBootstrap$$' .

hub: ## Bring the whole hub alive on this machine and keep it up; THOROUGH=1 for all clouds (needs redis-server)
	cd conformance && go run ./cmd/hub $(if $(THOROUGH),-all)

hub-test: ## Tell the life of a fleet on a whole hub; MOVES=1 with new names, THOROUGH=1 with kills and all clouds too, REHEARSALS=1 with smaller losses, FAULTS=1 to see it fail (needs redis-server)
	cd conformance && SPOKEWRIGHT_HUB=$(if $(FAULTS),faults,$(if $(REHEARSALS),rehearsals,$(if $(THOROUGH),thorough,$(if $(MOVES),moves,quick)))) \
		go test -count=1 -timeout $(if $(THOROUGH),90m,$(if $(MOVES),60m,45m)) -v -run 'TestTheLifeOfAFleet|TestTheStoryCanFail|TestRehearsals' ./story

SIZES ?= 5 50

hub-size: ## Measure a hub with SIZES ("5 50") environments: memory, and the time to a new environment's first claim
	cd conformance && SPOKEWRIGHT_SIZES="$(SIZES)" go test -count=1 -timeout 3h -v -run TestTheSizeOfAHub ./story

bench: tools build ## Measure against kustomize, helm, cue and jsonnet, as ratios in one run; SMALL=1 only shows that the bench works; OLD=FILE compares with a report of -o json
	go run ./bench $(if $(SMALL),-small,-peers "$$(cd conformance && go run ./cmd/parts helm cue jsonnet | paste -sd, -)") $(if $(OLD),-compare $(OLD))

tables: ## Write schema/tables.go anew: what the definitions in CUE say, as Go
	@SPOKEWRIGHT_UPDATE=1 go test -count=1 -run TestTablesSayWhatCUESays ./schema

picture: ## Draw the rooms and their imports into ARCHITECTURE.md
	@SPOKEWRIGHT_UPDATE=1 go test -count=1 -run TestThePictureIsTheCode .

golden: tables ## Write every expected output anew, to be reviewed with git diff
	SPOKEWRIGHT_UPDATE=1 go test -count=1 -timeout 20m ./... && $(MAKE) render

lint: $(LINTER) ## Run the linters
	$(LINTER) run ./...

tidy: ## Find what gofmt or go mod tidy would change
	@gofmt -l *.go bench cmd conformance functions internal schema | { ! grep . || { echo "gofmt would change these" >&2; exit 1; }; }
	@go mod tidy -diff && cd conformance && go mod tidy -diff

tools: $(KUSTOMIZE)

$(KUSTOMIZE):
	@echo "installing kustomize v5.8.2 (once) ..." >&2
	@mkdir -p $(TOOLS)/install && GOBIN=$(TOOLS)/install go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.2
	@mv $(TOOLS)/install/kustomize $@

$(LINTER):
	@echo "installing golangci-lint v2.5.0 (once) ..." >&2
	@mkdir -p $(TOOLS)/install && GOBIN=$(TOOLS)/install go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0
	@mv $(TOOLS)/install/golangci-lint $@

# What is released: static programs, the same bytes wherever they are built.
IMAGE     ?= spokewright:$(VERSION)
PLATFORMS  = linux-amd64 linux-arm64
VULNCHECK  = $(TOOLS)/govulncheck-v1.8.0

binaries: $(PLATFORMS:%=binary-%) ## Build bin/spokewright-linux-{amd64,arm64}

binary-%:
	@GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*)) CGO_ENABLED=0 \
		go build -trimpath -buildvcs=false -ldflags '-s -w' -o bin/spokewright-$* ./cmd/spokewright

image: ## Build the container image for amd64 and arm64 (needs docker)
	@command -v docker >/dev/null || { echo "make image: docker is not installed: no image was built (make binaries needs none)" >&2; exit 1; }
	@docker buildx version >/dev/null 2>&1 || { echo "make image: docker has no buildx: no image was built" >&2; exit 1; }
	@docker version >/dev/null 2>&1 || { echo "make image: no docker engine answers: no image was built (make binaries needs none)" >&2; exit 1; }
	@for arch in amd64 arm64; do docker buildx build --platform linux/$$arch --load -t $(IMAGE)-$$arch . || exit 1; done

reproducible: ## Build twice from nothing in different folders, and compare
	cd conformance && go test -count=1 -timeout 60m -v -run 'TestTwoCleanBuildsAreTheSame' .

sbom: binaries ## Write bin/spokewright-*.cdx.json, what is in the programs (CycloneDX)
	@for p in $(PLATFORMS); do (cd conformance && go run ./cmd/sbom ../bin/spokewright-$$p) > bin/spokewright-$$p.cdx.json || exit 1; done
	@ls -1 bin/*.cdx.json

history: ## Add the bases to the history of releases, under the version of cmd/spokewright/version.go
	@SPOKEWRIGHT_RELEASE=$$(sed -n 's/^var version = "\(.*\)"$$/\1/p' cmd/spokewright/version.go) \
		go test -count=1 -run TestReleaseIsAdded ./internal/baseline

release: history ## Check, test and build what is released, and set its tag (see CONTRIBUTING.md)
	@v=$$(sed -n 's/^var version = "\(.*\)"$$/\1/p' cmd/spokewright/version.go); \
	fail() { echo "make release: $$1" >&2; exit 1; }; \
	test -n "$$v" || fail "cmd/spokewright/version.go has no version"; \
	test -z "$$(git status --porcelain)" || fail "the working tree is not clean (of what make history wrote, git add internal/baseline/history.zip)"; \
	grep -q "^## $$v ([0-9-]*)$$" CHANGELOG.md || fail "CHANGELOG.md has no line \"## $$v (the day, such as 2027-01-31)\""; \
	sed -n '/^## Unreleased$$/,/^## [0-9]/p' CHANGELOG.md | grep -q '^- ' && fail "CHANGELOG.md has changes under Unreleased"; \
	git rev-parse -q --verify "refs/tags/v$$v" >/dev/null && fail "the tag v$$v exists already"; \
	$(MAKE) test && $(MAKE) sbom && (cd bin && sha256sum spokewright-linux-* >SHA256SUMS) && \
	git tag -a "v$$v" -m "Spokewright $$v" && echo "tagged v$$v; push it with: git push origin v$$v" >&2

vuln: $(VULNCHECK) ## Look for known vulnerabilities in what is called (needs the database)
	@$(VULNCHECK) ./... || { code=$$?; [ $$code = 3 ] || echo "make vuln: NOT CHECKED: the scan failed (exit code $$code), so nothing is known; is the vulnerability database in reach?" >&2; exit $$code; }

$(VULNCHECK):
	@echo "installing govulncheck v1.8.0 (once) ..." >&2
	@mkdir -p $(TOOLS)/install && GOBIN=$(TOOLS)/install go install golang.org/x/vuln/cmd/govulncheck@v1.8.0
	@mv $(TOOLS)/install/govulncheck $@
