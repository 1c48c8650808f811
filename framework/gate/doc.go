// Package gate judges reports: two of them against each other (Compare), and
// one against a policy that says what a team accepts (Judge). It reads files
// and decides; it runs nothing and prints nothing.
package gate
