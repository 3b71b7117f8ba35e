//! Problems that come with the engine, each with its domain, best known value and source.
