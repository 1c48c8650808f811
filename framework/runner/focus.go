package runner

import "regexp/syntax"

// suiteName is what Ginkgo calls the suite; it begins the text that Ginkgo matches a
// focus with, and no text that a person sees.
const suiteName = "muster"

// ginkgoFocus is a regular expression on the text of a spec as Ginkgo needs it: the
// beginning of the text is where the name of the suite ends. One that cannot be read
// stays as it is; Selection.check refuses it.
func ginkgoFocus(focus string) string {
	tree, err := syntax.Parse(focus, syntax.Perl)
	if err != nil {
		return focus
	}
	return afterSuiteName(tree).String()
}

func afterSuiteName(tree *syntax.Regexp) *syntax.Regexp {
	switch tree.Op {
	case syntax.OpBeginText, syntax.OpBeginLine:
		name := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune(suiteName + " ")}
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{{Op: syntax.OpBeginText}, name}}
	}
	for i, sub := range tree.Sub {
		tree.Sub[i] = afterSuiteName(sub)
	}
	return tree
}
