//! What an executable of Linux says about itself: for which processors it is, and which loader it asks for.

/// A processor's architecture, as far as clusters have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// `x86_64`, which Docker calls `amd64`.
    X86_64,
    /// `aarch64`, which Docker calls `arm64`.
    Aarch64,
    /// Another one, by its number in ELF files.
    Other(u16),
}

/// What an executable says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// For which processors it is.
    pub architecture: Architecture,
    /// The path of its loader; `None`: it is static and needs none.
    pub loader: Option<String>,
}

/// Why a file is no executable of 64-bit Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ElfError {
    #[error("it is no executable of Linux")]
    NotElf,
    #[error("it is a script, not a compiled program")]
    Script,
    #[error("it is an executable of macOS")]
    MacOs,
    #[error("it is for 32-bit or big-endian processors")]
    Class,
    #[error("it is no executable but another ELF file (type {0})")]
    Kind(u16),
    #[error("it ends too early")]
    Short,
}

impl Architecture {
    /// The one that Docker, the kernel or Rust call `name`.
    pub fn named(name: &str) -> Option<Architecture> {
        match name {
            "amd64" | "x86_64" => Some(Architecture::X86_64),
            "arm64" | "aarch64" => Some(Architecture::Aarch64),
            _ => None,
        }
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Architecture::X86_64 => f.write_str("x86_64"),
            Architecture::Aarch64 => f.write_str("aarch64"),
            Architecture::Other(machine) => write!(f, "ELF machine {machine}"),
        }
    }
}

impl Elf {
    /// Reads the headers of `file`, a whole executable.
    pub fn read(file: &[u8]) -> Result<Elf, ElfError> {
        match file {
            [0x7f, b'E', b'L', b'F', ..] => {}
            [b'#', b'!', ..] => return Err(ElfError::Script),
            [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => return Err(ElfError::MacOs),
            _ => return Err(ElfError::NotElf),
        }
        // EI_CLASS 2: 64 bits; EI_DATA 1: little-endian.
        if file.get(4..6) != Some(&[2, 1]) {
            return Err(ElfError::Class);
        }
        let kind = u16_at(file, 16)?;
        // ET_EXEC and ET_DYN: a shared object without a loader may be a static executable that can lie anywhere.
        if kind != 2 && kind != 3 {
            return Err(ElfError::Kind(kind));
        }
        let architecture = match u16_at(file, 18)? {
            62 => Architecture::X86_64,
            183 => Architecture::Aarch64,
            machine => Architecture::Other(machine),
        };
        let (start, size, count) = (u64_at(file, 32)?, u16_at(file, 54)?, u16_at(file, 56)?);
        for index in 0..u64::from(count) {
            let header = start.checked_add(index * u64::from(size)).ok_or(ElfError::Short)?;
            let header = usize::try_from(header).map_err(|_| ElfError::Short)?;
            // PT_INTERP.
            if u32::from_le_bytes(bytes_at(file, header)?) != 3 {
                continue;
            }
            let offset = header.checked_add(8).ok_or(ElfError::Short)?;
            let (from, length) = (u64_at(file, offset)?, u64_at(file, offset + 24)?);
            let until = from.checked_add(length).ok_or(ElfError::Short)?;
            let path = file.get(from as usize..until as usize).ok_or(ElfError::Short)?;
            let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
            return Ok(Elf { architecture, loader: Some(String::from_utf8_lossy(path).into_owned()) });
        }
        Ok(Elf { architecture, loader: None })
    }
}

fn bytes_at<const N: usize>(file: &[u8], offset: usize) -> Result<[u8; N], ElfError> {
    let end = offset.checked_add(N).ok_or(ElfError::Short)?;
    file.get(offset..end).and_then(|bytes| bytes.try_into().ok()).ok_or(ElfError::Short)
}

fn u16_at(file: &[u8], offset: usize) -> Result<u16, ElfError> {
    bytes_at(file, offset).map(u16::from_le_bytes)
}

fn u64_at(file: &[u8], offset: usize) -> Result<u64, ElfError> {
    bytes_at(file, offset).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_program_says_what_it_is() {
        let elf = Elf::read(&std::fs::read("/proc/self/exe").unwrap()).unwrap();
        assert_eq!(Some(elf.architecture), Architecture::named(std::env::consts::ARCH));
        if let Some(loader) = elf.loader {
            assert!(std::path::Path::new(&loader).is_file(), "{loader}");
        }
    }

    #[test]
    fn what_is_none_is_refused_as_what_it_is() {
        assert_eq!(Elf::read(b"#!/bin/sh\n"), Err(ElfError::Script));
        assert_eq!(Elf::read(&[0xcf, 0xfa, 0xed, 0xfe, 7]), Err(ElfError::MacOs));
        assert_eq!(Elf::read(b"MZ"), Err(ElfError::NotElf));
        assert_eq!(Elf::read(b""), Err(ElfError::NotElf));
        assert_eq!(Elf::read(b"\x7fELF\x01\x01"), Err(ElfError::Class));
        assert_eq!(Elf::read(b"\x7fELF\x02\x01"), Err(ElfError::Short));
        let mut object = [0; 64];
        object[..6].copy_from_slice(b"\x7fELF\x02\x01");
        object[16] = 1;
        assert_eq!(Elf::read(&object), Err(ElfError::Kind(1)));
        object[16] = 2;
        object[18] = 243;
        assert_eq!(Elf::read(&object), Ok(Elf { architecture: Architecture::Other(243), loader: None }));
        // A header that points out of the file.
        object[56] = 1;
        object[32..40].fill(0xff);
        assert_eq!(Elf::read(&object), Err(ElfError::Short));
    }
}
