package page

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// limit ends a browser that does not answer; a busy machine takes minutes for what takes seconds elsewhere.
const limit = 8 * time.Minute

// chromium returns the browser's program. Without one the test is skipped, but for a
// CI run as root on Linux, which scripts/setup.sh --browser has prepared.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skipped = "Chromium is not installed: scripts/setup.sh --browser, run as root, installs it where apt is"
	if os.Getenv("CI") == "true" && runtime.GOOS == "linux" && os.Geteuid() == 0 {
		t.Fatal(skipped)
	}
	t.Skip(skipped)
	return ""
}

// browser is a tab of a headless Chromium, and what came from it.
type browser struct {
	ctx context.Context

	mutex    sync.Mutex
	requests []string
	console  []string
}

// start begins a browser that ends with the test, and notes from its first moment on
// what it asks for and what the page says on its console.
func start(t *testing.T) *browser {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, flags...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			if message.IsException() || message.Type == chromedp.ConsoleError || message.Type == chromedp.ConsoleWarning {
				b.mutex.Lock()
				b.console = append(b.console, message.String())
				b.mutex.Unlock()
			}
		}
	}()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("watch the browser's requests: %v", err)
	}
	return b
}

func (b *browser) note(event any) {
	if request, ok := event.(*network.EventRequestWillBeSent); ok {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.requests = append(b.requests, request.Request.URL)
	}
}

// look is how a reader looks at the page.
type look struct {
	name          string
	width, height int64
	scheme        string
	phone         bool
}

// open loads the page from disk as that reader does.
func (b *browser) open(t *testing.T, url string, as look) {
	t.Helper()
	options := []chromedp.EmulateViewportOption{}
	if as.phone {
		options = append(options, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	scheme := func(ctx context.Context, tab *chromedp.Target) (struct{}, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: as.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return struct{}{}, err
	}
	b.do(t, chromedp.EmulateViewport(as.width, as.height, options...), scheme, chromedp.Navigate("about:blank"), chromedp.Navigate(url))
}

// do performs steps; one that cannot be done ends the test.
func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval returns what an expression in the page gives.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// settle returns when the page has done what the last event asked for.
func (b *browser) settle(t *testing.T) {
	t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true))))`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
}

// screenshot keeps a picture of the whole page.
func (b *browser) screenshot(t *testing.T, path string) {
	t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
