package document

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"yiwang/internal/base/errs"
)

// Faces finds outlines for characters in the fonts of the machine. It is safe for
// concurrent use.
type Faces struct {
	mu    sync.Mutex
	files []string // to be opened when those before have not what is asked for
	open  []*face
	known map[rune]glyph
}

// face is one font.
type face struct {
	name string
	font *sfnt.Font
}

// glyph is where a character is drawn.
type glyph struct {
	face  *face // nil: no font has it
	index sfnt.GlyphIndex
	width int // thousandths of the size
}

// fontDirs are where systems keep fonts.
func fontDirs() []string {
	dirs := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".fonts"), filepath.Join(home, ".local/share/fonts"))
	}
	if root := os.Getenv("SystemRoot"); root != "" {
		dirs = append(dirs, filepath.Join(root, "Fonts"))
	}
	return dirs
}

// preferred are the beginnings of file names of fonts with Chinese characters: text
// faces first, then those that have the rare ones.
var preferred = []string{"simfang", "fangsong", "notoserifcjk-regular", "sourcehanserif", "notoserifsc", "simsun", "notosanscjk-regular", "sourcehansans",
	"notosanssc", "msyh", "uming", "wqy-zenhei", "wqy-microhei", "droidsansfallback", "pingfang", "hanamina", "hanaminb", "babelstonehan", "simsunb", "dejavusans."}

// FindFaces looks for fonts: first the files given, then those of the machine.
// Error: Unavailable, where not one has Chinese characters.
func FindFaces(given ...string) (*Faces, error) {
	f := &Faces{known: map[rune]glyph{}}
	for _, name := range given {
		if _, err := openFaces(name); err != nil {
			return nil, errs.E(errs.Invalid, "document.bad_font", errs.Args{"file": name}).Because(err)
		}
	}
	f.files = append(slices.Clone(given), installed(fontDirs())...)
	if f.find('中').face == nil {
		return nil, errs.E(errs.Unavailable, "document.no_font", nil)
	}
	return f, nil
}

// installed returns the font files below directories, preferred ones first; fonts
// that are neither are left out, but for those that have symbols.
func installed(dirs []string) []string {
	found := map[int][]string{}
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil // a directory that cannot be read has no fonts for us
			}
			name := strings.ToLower(e.Name())
			switch filepath.Ext(name) {
			case ".ttf", ".otf", ".ttc", ".otc":
				if at := slices.IndexFunc(preferred, func(p string) bool { return strings.HasPrefix(name, p) }); at >= 0 {
					found[at] = append(found[at], path)
				}
			}
			return nil
		})
	}
	var out []string
	for at := range preferred {
		slices.Sort(found[at])
		out = append(out, found[at]...)
	}
	return out
}

// openFaces opens a font file. Of a collection the face for simplified Chinese is
// taken, or the first. The file stays open: outlines are read when they are needed.
func openFaces(name string) (*face, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	all, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	var first *face
	for i := range all.NumFonts() {
		one, err := all.Font(i)
		if err != nil {
			_ = file.Close()
			return nil, err
		}
		title, err := one.Name(nil, sfnt.NameIDFull)
		if err != nil {
			title = filepath.Base(name)
		}
		if first == nil || strings.Contains(title, " SC") && !strings.Contains(first.name, " SC") {
			first = &face{name: title, font: one}
		}
	}
	return first, nil
}

// find returns where a character is drawn; its face is nil where no font has it.
func (f *Faces) find(r rune) glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g, ok := f.known[r]; ok {
		return g
	}
	for i := 0; ; i++ {
		if i == len(f.open) && !f.openNext() {
			break
		}
		one := f.open[i]
		var buf sfnt.Buffer
		index, err := one.font.GlyphIndex(&buf, r)
		if err != nil || index == 0 {
			continue
		}
		width, err := one.font.GlyphAdvance(&buf, index, fixed.I(1000), font.HintingNone)
		if err != nil {
			continue
		}
		g := glyph{face: one, index: index, width: width.Round()}
		f.known[r] = g
		return g
	}
	f.known[r] = glyph{}
	return glyph{}
}

func (f *Faces) openNext() bool {
	for len(f.files) > 0 {
		name := f.files[0]
		f.files = f.files[1:]
		if one, err := openFaces(name); err == nil {
			f.open = append(f.open, one)
			return true
		}
	}
	return false
}
