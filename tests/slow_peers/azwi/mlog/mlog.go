// Package mlog stands in for azwi's logger, which the module proxy does not serve. The command `jwks` uses it only to write
// debug lines, which are not part of its output.
package mlog

// Debug drops the line.
func Debug(string, ...any) {}
