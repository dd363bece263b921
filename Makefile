SHELL := /bin/bash
.DEFAULT_GOAL := help
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help run build fmt verify test test-unit coverage mutation bench bench-parts bench-wrk torture accept pack sbom pin-images up down clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-11s %s\n", $$1, $$2}'

run: ## Start the server: broker in the process, SQLite file, http://127.0.0.1:8080 (ASPNETCORE_URLS, Sqlite__DataDirectory)
	@echo "Building the server: about a minute at first. Then it starts on $${ASPNETCORE_URLS:-http://127.0.0.1:8080}; Ctrl+C stops it."
	@dotnet build src/Runs.Server -c Release --nologo -v quiet
	@ASPNETCORE_ENVIRONMENT=$${ASPNETCORE_ENVIRONMENT:-Development} exec dotnet artifacts/bin/Runs.Server/release/Runs.Server.dll

build: ## Build everything
	dotnet build Runs.sln --nologo

fmt: ## Format the code
	dotnet format Runs.sln

verify: ## Check lock files, words and formatting, then run every test: what CI runs
	@tests/run.sh verify

test: ## Run every test, on a real RabbitMQ and the MongoDB engine too (needs Docker and Node.js, or root on Debian to install them)
	@tests/run.sh all

test-unit: ## Run the tests that need no Docker
	@tests/run.sh unit

mutation: ## Change the code of the lifecycle in small ways and count the changes that a test detects: FOLDER=Saga (docs/reliability.md)
	@dotnet tool restore > /dev/null
	@cd tests/Runs.Tests && dotnet stryker --output ../../artifacts/mutation $(if $(FOLDER),--mutate "**/$(FOLDER)/**/*.cs")

coverage: ## Run the unit tests and print their coverage; artifacts/coverage has the Cobertura file
	@dotnet tool restore > /dev/null
	@rm -rf artifacts/coverage
	dotnet test tests/Runs.Tests --nologo --collect "XPlat Code Coverage" --settings tests/coverage.runsettings --results-directory artifacts/coverage
	@dotnet reportgenerator -reports:'artifacts/coverage/*/coverage.cobertura.xml' -targetdir:artifacts/coverage -reporttypes:'TextSummary;Cobertura' -filefilters:'-*.g.cs' -verbosity:Error
	@cat artifacts/coverage/Summary.txt

bench: ## Measure Runs beside what it can be compared with, into docs/benchmarks.md (ARGS="--quick" for a smoke test; ARGS="--help" lists the options)
	@compose/with-docker.sh dotnet run -c Release --project tests/Runs.Benchmarks -- bench $(ARGS)

bench-parts: ## Measure the inner parts with BenchmarkDotNet: time and allocations (ARGS="--quick", ARGS="--filter *CanonicalJson*")
	@dotnet run -c Release --project tests/Runs.MicroBenchmarks -- $(ARGS)

bench-wrk: ## Measure creates with wrk, an independent load generator: CALLERS="1 64 256" ROUNDS=5 DURATION=5 SUBJECTS="baseline runs"
	@compose/with-docker.sh tests/Runs.Benchmarks/wrk/compare.sh

torture: ## Load and faults, then a check of every invariant: DURATION=10m, SEED=1, SCENARIO=R4, SHORT=1, OPTIONS="--help" (docs/reliability.md)
	@compose/with-docker.sh --strace dotnet run -c Release --project tests/Runs.FaultInjection -- torture $(if $(SCENARIO),--scenario $(SCENARIO)) \
	  $(if $(SHORT),--short) $(if $(DURATION),--duration $(DURATION)) $(if $(SEED),--seed $(SEED)) $(OPTIONS)

pin-images: ## Write the current digest of each image into compose/images.env; `git diff` shows what moved
	@compose/pin-images.sh

accept: ## Renew the approved files (openapi.json, asyncapi.yaml, schemas, docs/configuration.md, …); `git diff` shows the changes
	dotnet run --project src/Runs.ContractGenerator -- write src/Runs.Contracts
	dotnet build tests/Runs.Tests --nologo -v quiet
	@dotnet test tests/Runs.Tests --no-build --nologo --filter is_the_approved_one > /dev/null || true
	@find src tests docs -name '*.received.*' | while read -r file; do mv -v "$$file" "$${file/.received/}"; done

pack: ## Make the NuGet packages of the messages, the client, the worker and the test server in artifacts/package/release
	dotnet pack src/Runs.Contracts -c Release --nologo -v quiet
	dotnet pack src/Runs.Client -c Release --nologo -v quiet
	dotnet pack src/Runs.Worker -c Release --nologo -v quiet
	dotnet pack src/Runs.Testing -c Release --nologo -v quiet

sbom: ## List the packages of the server: artifacts/sbom/runs.cdx.json (CycloneDX)
	@dotnet tool restore > /dev/null
	@dotnet restore src/Runs.Server --nologo -v quiet
	@dotnet dotnet-CycloneDX src/Runs.Server/Runs.Server.csproj --recursive --exclude-dev --disable-package-restore --set-name Runs \
	  --set-version "$$(dotnet msbuild src/Runs.Server -target:MinVer -getProperty:Version)" --output-format Json --output artifacts/sbom --filename runs.cdx.json

up: ## Start RabbitMQ, MongoDB and the server in two roles with compose
	@compose/up.sh

down: ## Stop what `make up` started; VOLUMES=1 removes its data too
	@compose/down.sh

clean: down ## Remove the build output, and the stack if it is up
	rm -rf artifacts
