#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vitals_mcp::fuzzing::run("callback", bytes));
