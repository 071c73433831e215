//! The fingerprint of RSA keys that can be factored because of their generator (ROCA, CVE-2017-15361; M. Nemec et al.,
//! "The Return of Coppersmith's Attack", ACM CCS 2017, section 3.2).
//!
//! Modulo the product of the first small primes, the primes of such a key are powers of 65537. The modulus is then a power
//! of 65537 modulo each of these small primes.

/// The odd primes up to 353, whose product shapes the primes of keys from 992 bits on; larger keys use more of them.
/// The most selective come first, so that one of the first few clears a sound key.
const PRIMES: [u16; 70] = [
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157, 3, 5, 7, 23, 29, 31,
    41, 43, 47, 59, 67, 83, 89, 101, 113, 131, 137, 139, 149, 163, 167, 173, 179, 181, 191, 193,
    197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307,
    311, 313, 317, 331, 337, 347, 349, 353,
];

/// Returns whether a modulus has the fingerprint. A sound one has it with a probability below 2^-80.
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let prime = u32::from(*prime);
        let residue =
            modulus.iter().fold(0, |residue, byte| (residue * 256 + u32::from(*byte)) % prime);
        is_power(residue, prime)
    })
}

/// Returns whether a residue is among 65537^0, 65537^1, ...
fn is_power(residue: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * 65537 % prime;
        if power <= 1 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// 65537^exponent, big-endian: the simplest number with the fingerprint.
    fn power(exponent: usize) -> Vec<u8> {
        let mut number = vec![1];
        for _ in 0..exponent {
            // Times 2^16, plus itself.
            let shifted = [&number[..], &[0, 0]].concat();
            let own = [&[0, 0], &number[..]].concat();
            let mut sum = vec![0; shifted.len()];
            let mut carry = 0;
            for index in (0..sum.len()).rev() {
                let digit = u16::from(shifted[index]) + u16::from(own[index]) + carry;
                sum[index] = digit as u8;
                carry = digit >> 8;
            }
            number = if carry == 0 { sum } else { [&[carry as u8], &sum[..]].concat() };
        }
        number
    }

    #[test]
    fn powers_have_the_fingerprint_and_their_neighbours_do_not() {
        assert_eq!(power(1), [1, 0, 1]);
        for exponent in [0, 1, 64, 128, 129, 256] {
            let mut number = power(exponent);
            assert!(has_fingerprint(&number), "{exponent}");
            let last = number.len() - 1;
            number[last] ^= 2;
            assert!(!has_fingerprint(&number), "{exponent}");
        }
    }

    #[test]
    fn a_multiple_of_a_small_prime_is_no_power() {
        for prime in PRIMES {
            assert!(!is_power(0, u32::from(prime)));
            assert!(is_power(1, u32::from(prime)));
        }
    }
}
