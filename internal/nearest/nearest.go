// Package nearest finds the word that somebody probably meant: for flags, keys
// and names that a person typed.
package nearest

// Of returns the candidate with the smallest edit distance to the word, the
// first one of several, and "" without candidates.
func Of(word string, candidates []string) string {
	best, bestDistance := "", -1
	for _, candidate := range candidates {
		if d := distance(word, candidate); bestDistance < 0 || d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// distance is Levenshtein's: insertions, deletions and substitutions of runes.
func distance(a, b string) int {
	left, right := []rune(a), []rune(b)
	row := make([]int, len(right)+1)
	for j := range row {
		row[j] = j
	}
	for i := range left {
		diagonal := row[0]
		row[0] = i + 1
		for j := range right {
			cost := 1
			if left[i] == right[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(right)]
}
