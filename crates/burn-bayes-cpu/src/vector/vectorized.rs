//! Functions compiled for several vector widths.

/// Defines functions that are compiled for AVX-512, for AVX2, and for the target's own
/// instructions, such as NEON on 64-bit ARM.
macro_rules! vectorized {
    ($($(#[$meta:meta])* fn $name:ident($($arguments:tt)*) $(-> $output:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[multiversion::multiversion(
            targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma")
        )]
        pub fn $name($($arguments)*) $(-> $output)? $body
    )*};
}

pub(super) use vectorized;
