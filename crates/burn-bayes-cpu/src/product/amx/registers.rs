//! The registers that hold tiles.

use std::{
    arch::{asm, is_x86_feature_detected, x86_64::__cpuid_count},
    marker::PhantomData,
    sync::OnceLock,
};

/// Whether this CPU has tiles and the system lets this process use them.
pub(super) fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") && {
            const BF16_AND_TILES: u32 = 1 << 22 | 1 << 24;
            __cpuid_count(7, 0).edx & BF16_AND_TILES == BF16_AND_TILES && permitted()
        }
    })
}

/// Requests permission for tile registers from Linux, for all threads of the process. It is needed
/// because they enlarge the state that is saved when a thread is interrupted.
#[allow(unsafe_code)]
fn permitted() -> bool {
    const ARCH_PRCTL: usize = 158;
    const REQUEST_PERMISSION: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let refused: usize;
    // SAFETY: this system call accesses no memory of the program. Kernels without it return an
    // error.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => refused,
            in("rdi") REQUEST_PERMISSION,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    refused == 0
}

/// The thread's tile registers, configured to full size until this is dropped. It cannot be sent to
/// another thread.
pub(super) struct Registers(PhantomData<*const ()>);

impl Registers {
    /// # Safety
    ///
    /// The processor has [tiles](available), and no other `Registers` of this thread is alive.
    #[allow(unsafe_code)]
    pub unsafe fn configure() -> Self {
        #[repr(C, align(64))]
        struct Configuration {
            palette: u8,
            reserved: [u8; 15],
            bytes_per_row: [u16; 16],
            rows: [u8; 16],
        }
        let existing = |i: usize| i < 8;
        let configuration = Configuration {
            palette: 1,
            reserved: [0; 15],
            bytes_per_row: std::array::from_fn(|i| if existing(i) { 64 } else { 0 }),
            rows: std::array::from_fn(|i| if existing(i) { 16 } else { 0 }),
        };
        // SAFETY: the CPU has tiles, and the memory is laid out as it wants it.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &configuration, options(nostack, readonly, preserves_flags));
        }
        Self(PhantomData)
    }
}

impl Drop for Registers {
    fn drop(&mut self) {
        // SAFETY: `configure` was called, so there are tiles.
        #[allow(unsafe_code)]
        unsafe {
            asm!("tilerelease", options(nostack, nomem, preserves_flags));
        }
    }
}
