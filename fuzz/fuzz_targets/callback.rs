#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vitals_mcp::internals::run("callback", bytes));
