//! Functions compiled for several vector widths.

/// Functions with bodies for AVX-512, AVX2 and, unchanged, whatever else the target has (NEON on
/// 64-bit ARM).
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
