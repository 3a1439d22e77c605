// Answers questions about proofs and notes with Go's own packages, which share nothing with ours.
//
// One question a line on stdin, as JSON, bytes in base64; one answer a line on stdout: "ok" where
// Go accepts it, "no" where it doesn't. A line that is no question ends the program with status 1.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask string

	// "inclusion": the event at Index leads by Path to the root of Size events.
	Event []byte
	Index int64

	// "consistency": the Old events of OldRoot lead by Path to the root of Size events.
	Old     int64
	OldRoot []byte

	Path [][]byte
	Size int64
	Root []byte

	// "note": a note that the key signed, and nothing else.
	Note []byte
	Vkey string
}

func main() {
	log.SetFlags(0)
	questions := json.NewDecoder(bufio.NewReader(os.Stdin))
	questions.DisallowUnknownFields()
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	for {
		var asked question
		err := questions.Decode(&asked)
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		answer := "no"
		if asked.accepted() {
			answer = "ok"
		}
		fmt.Fprintln(answers, answer)
	}
}

func (q question) accepted() bool {
	switch q.Ask {
	case "inclusion":
		return q.included()
	case "consistency":
		return q.consistent()
	case "note":
		return q.signed()
	}
	log.Fatalf("no such question: %q", q.Ask)
	return false
}

func (q question) included() bool {
	path, whole := hashes(q.Path)
	root, ok := hash(q.Root)
	if !whole || !ok {
		return false
	}
	return tlog.CheckRecord(path, q.Size, root, q.Index, tlog.RecordHash(q.Event)) == nil
}

func (q question) consistent() bool {
	path, whole := hashes(q.Path)
	root, ok := hash(q.Root)
	old, fine := hash(q.OldRoot)
	if !whole || !ok || !fine {
		return false
	}
	return tlog.CheckTree(path, q.Size, root, q.Old, old) == nil
}

func (q question) signed() bool {
	verifier, err := note.NewVerifier(q.Vkey)
	if err != nil {
		return false
	}
	_, err = note.Open(q.Note, note.VerifierList(verifier))
	return err == nil
}

func hashes(path [][]byte) ([]tlog.Hash, bool) {
	var found []tlog.Hash
	for _, data := range path {
		one, ok := hash(data)
		if !ok {
			return nil, false
		}
		found = append(found, one)
	}
	return found, true
}

func hash(data []byte) (found tlog.Hash, ok bool) {
	return found, copy(found[:], data) == tlog.HashSize && len(data) == tlog.HashSize
}
