# The usual commands; `just` alone lists them. Each is one line that works without `just`, too.

_list:
    @just --list

# Every test, also the programs in the documentation.
test *arguments:
    cargo test {{ arguments }}

# Links, widths and pictures of all pages, then the programs in them.
pages:
    cargo test --test pages
    cargo test --doc guide

# Format and lints.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# The documentation, with its formulas, in a browser.
doc:
    RUSTDOCFLAGS="--html-in-header docs/katex.html" cargo doc --no-deps --open -p burn-bayes --features train,data,draw,approx,safetensors

# An example: `just example ring --help`.
example name *arguments:
    cargo run --release --example {{ name }} -- {{ arguments }}

# Matrix products, kernels, steps and evaluations, each for a moment.
bench:
    cargo bench -p burn-bayes-benches -- --quick

# What must hold before a change lands.
check:
    .ci/run
