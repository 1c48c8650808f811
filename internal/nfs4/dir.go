package nfs4

import (
	"context"
	"strings"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
)

// at is the operation that turns to a file.
func at(handle []byte) nfsv4.NfsArgop4 {
	return &nfsv4.NfsArgop4_OP_PUTFH{Opputfh: nfsv4.Putfh4args{Object: handle}}
}

func lookup(name string) nfsv4.NfsArgop4 {
	return &nfsv4.NfsArgop4_OP_LOOKUP{Oplookup: nfsv4.Lookup4args{Objname: name}}
}

// Walk looks up a path from the server's root.
func (c *Client) Walk(ctx context.Context, path string) (*Attr, error) {
	results, err := c.do(ctx, &nfsv4.NfsArgop4_OP_PUTROOTFH{}, askAttr())
	if err != nil {
		return nil, err
	}
	attr, err := attrOf(results[1])
	for _, name := range strings.Split(path, "/") {
		if err == nil && name != "" {
			attr, err = c.Lookup(ctx, attr.Handle, name)
		}
	}
	return attr, err
}

// Lookup finds a name in a directory.
func (c *Client) Lookup(ctx context.Context, dir []byte, name string) (*Attr, error) {
	results, err := c.do(ctx, at(dir), lookup(name), askAttr())
	if err != nil {
		return nil, err
	}
	return attrOf(results[2])
}

// Mkdir makes a directory.
func (c *Client) Mkdir(ctx context.Context, dir []byte, name string, mode uint32) (*Attr, error) {
	results, err := c.do(ctx, at(dir), &nfsv4.NfsArgop4_OP_CREATE{Opcreate: nfsv4.Create4args{
		Objtype: &nfsv4.Createtype4_NF4DIR{}, Objname: name, Createattrs: Change{Mode: &mode}.list(),
	}}, askAttr())
	if err != nil {
		return nil, err
	}
	return attrOf(results[2])
}

// Remove removes a file or an empty directory.
func (c *Client) Remove(ctx context.Context, dir []byte, name string) error {
	_, err := c.do(ctx, at(dir), &nfsv4.NfsArgop4_OP_REMOVE{Opremove: nfsv4.Remove4args{Target: name}})
	return err
}

// Rename moves a file or directory; one that has the new name already is replaced.
func (c *Client) Rename(ctx context.Context, fromDir []byte, from string, toDir []byte, to string) error {
	_, err := c.do(ctx, at(fromDir), &nfsv4.NfsArgop4_OP_SAVEFH{}, at(toDir),
		&nfsv4.NfsArgop4_OP_RENAME{Oprename: nfsv4.Rename4args{Oldname: from, Newname: to}})
	return err
}

// Entry is one name in a directory.
type Entry struct {
	Name string
	*Attr
}

// ReadDir returns everything in a directory.
func (c *Client) ReadDir(ctx context.Context, dir []byte) ([]Entry, error) {
	var entries []Entry
	args := nfsv4.Readdir4args{Dircount: 32 << 10, Maxcount: 128 << 10, AttrRequest: mask(fileReaders)}
	for {
		results, err := c.do(ctx, at(dir), &nfsv4.NfsArgop4_OP_READDIR{Opreaddir: args})
		if err != nil {
			return nil, err
		}
		part, is := results[1].(*nfsv4.NfsResop4_OP_READDIR).Opreaddir.(*nfsv4.Readdir4res_NFS4_OK)
		if !is {
			return nil, errUnexpected
		}
		for entry := part.Resok4.Reply.Entries; entry != nil; entry = entry.Nextentry {
			attr, err := parse(entry.Attrs, fileReaders)
			if err != nil {
				return nil, err
			}
			entries = append(entries, Entry{Name: entry.Name, Attr: attr})
			args.Cookie = entry.Cookie
		}
		if part.Resok4.Reply.Eof {
			return entries, nil
		}
		if part.Resok4.Reply.Entries == nil {
			return nil, errUnexpected // it would go on without end
		}
		args.Cookieverf = part.Resok4.Cookieverf
	}
}
