//! The order in which NumPy's old generator shuffles, for splits that were made by it.

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), as `RandomState` has it.
struct MersenneTwister {
    state: [u32; SIZE],
    next: usize,
}

impl MersenneTwister {
    fn new(seed: u32) -> Self {
        let mut state = [seed; SIZE];
        for i in 1..SIZE {
            let last = state[i - 1];
            state[i] = 1_812_433_253_u32
                .wrapping_mul(last ^ (last >> 30))
                .wrapping_add(i as u32);
        }
        Self { state, next: SIZE }
    }

    fn twist(&mut self) {
        for i in 0..SIZE {
            let [here, after] = [i, (i + 1) % SIZE].map(|place| self.state[place]);
            let joined = (here & 0x8000_0000) | (after & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + MIDDLE) % SIZE] ^ (joined >> 1) ^ odd;
        }
        self.next = 0;
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
        }
        let mut number = self.state[self.next];
        self.next += 1;
        number ^= number >> 11;
        number ^= (number << 7) & 0x9d2c_5680;
        number ^= (number << 15) & 0xefc6_0000;
        number ^ (number >> 18)
    }

    /// A number from 0 to `last`: the low bits, drawn until they are small enough.
    fn up_to(&mut self, last: u32) -> u32 {
        let mask = u32::MAX.checked_shr(last.leading_zeros()).unwrap_or(0);
        loop {
            let number = self.next_u32() & mask;
            if number <= last {
                return number;
            }
        }
    }
}

/// What `numpy.random.RandomState(seed).permutation(len)` gives.
pub(super) fn permutation(seed: u32, len: u32) -> Vec<u32> {
    let mut twister = MersenneTwister::new(seed);
    let mut order: Vec<u32> = (0..len).collect();
    for last in (1..len).rev() {
        order.swap(last as usize, twister.up_to(last) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    // From NumPy 2.4.6.
    #[test]
    fn orders_are_those_of_numpy() {
        assert_eq!(permutation(0, 10), [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
        assert_eq!(permutation(123, 1), [0]);
        assert!(permutation(123, 0).is_empty());
        // np.random.RandomState(123).permutation(24345): its ends, and np.dot(np.arange(24345), it)
        let order = permutation(123, 24_345);
        assert_eq!(order[..4], [17795, 4791, 14296, 974]);
        assert_eq!(order[24_341..], [21602, 17730, 15725, 19966]);
        let sum: u64 = (0..)
            .zip(&order)
            .map(|(place, &id)| place * u64::from(id))
            .sum();
        assert_eq!(sum, 3_606_649_319_198);
    }
}
