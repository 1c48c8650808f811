// Package page opens a report in headless Chromium, from disk and without a network,
// and uses it as people do: on a screen, in the dark, on a phone, with a keyboard.
package page

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/report/page"
)

// outputDir is where page and screenshots lie afterwards, relative to the root.
const outputDir = "_output/page"

// checked counts what was looked at, skipped says why nothing was.
var (
	checked int
	skipped string
)

// TestMain prints the closing line, also where go test shows nothing else.
func TestMain(m *testing.M) {
	code := m.Run()
	switch {
	case code != 0 && skipped != "":
		fmt.Printf("page: failed, %s\n", skipped)
	case code != 0:
		fmt.Printf("page: failed, screenshots in %s\n", outputDir)
	case skipped != "":
		fmt.Printf("page: not checked, %s\n", skipped)
	default:
		fmt.Printf("page: %d checks passed, screenshots in %s\n", checked, outputDir)
	}
	os.Exit(code)
}

// check is one thing that must be right.
func check(t *testing.T, name string, look func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		checked++
		look(t)
	})
}

func TestAReportIsReadableByAnybody(t *testing.T) {
	b := start(t)
	dir := outputFolder(t)
	path := filepath.Join(dir, "report.html")
	r := example(t, dir)
	if err := page.Write(path, r); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: path}).String()

	b.open(t, address, look{name: "light", width: 1280, height: 900, scheme: "light"})
	b.screenshot(t, filepath.Join(dir, "light.png"))
	checkVerdictAndParts(t, b, r)
	checkFailures(t, b, r)
	checkFilters(t, b, r)
	checkPlots(t, b, r)
	checkColours(t, b, "light")

	b.open(t, address, look{name: "keyboard", width: 1280, height: 900, scheme: "light"})
	checkKeyboard(t, b)

	b.open(t, address, look{name: "dark", width: 1280, height: 900, scheme: "dark"})
	b.screenshot(t, filepath.Join(dir, "dark.png"))
	checkColours(t, b, "dark")

	b.open(t, address, look{name: "phone", width: 390, height: 844, scheme: "light", phone: true})
	b.screenshot(t, filepath.Join(dir, "phone.png"))
	checkPhone(t, b)

	checkSilence(t, b, address)
}

// outputFolder is the empty folder for the page, with the evidence that belongs to it.
func outputFolder(t *testing.T) string {
	t.Helper()
	root, err := components.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, outputDir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	return dir
}
