package replay

import (
	"context"
	"strings"
)

// leave ends what is being read: the file, or the one of an archive that it is.
func (l *lines) leave() {
	if l.archive == "" {
		l.close()
		return
	}
	l.over = true
}

// beginMember goes to the next file of the archive, which is called archive!file. What is beside data in a folder is so in an archive, too.
func (l *lines) beginMember(ctx context.Context) error {
	more, err := l.content.nextMember()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !more {
		l.turn(l.archive)
		if err != nil {
			l.refuse(Broken, 0, err)
		}
		l.close()
		return nil
	}
	member := l.content.Member()
	l.turn(l.archive + "!" + member)
	switch reason := reasonToLeaveOut(member); {
	case err != nil:
	case reason != "":
		l.leaveOut(&leftOutError{reason: reason})
		l.over = true
		return nil
	case strings.HasSuffix(member, "/"): // a folder
		l.over = true
		return nil
	}
	return l.beginText(ctx, err)
}
