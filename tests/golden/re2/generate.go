// Prints what Go's regexp package answers for many patterns and texts, one JSON object per line.
// See README.md in this folder.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Case is one line of cases.jsonl. Indexes are in UTF-16 units, as JavaScript counts.
type Case struct {
	Pattern string    `json:"pattern"`
	Flags   string    `json:"flags,omitempty"`
	Text    string    `json:"text"`
	OK      bool      `json:"ok"`
	Whole   bool      `json:"whole"`
	Error   string    `json:"error,omitempty"`
	Names   []string  `json:"names,omitempty"`
	Groups  []*string `json:"groups,omitempty"`
	Indexes []int     `json:"indexes,omitempty"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, set := range sets {
		for _, pattern := range set.patterns {
			for _, text := range set.texts {
				if err := encoder.Encode(answer(pattern, set.flags, text)); err != nil {
					panic(err)
				}
			}
		}
	}
	for _, pattern := range invalid {
		if err := encoder.Encode(answer(pattern, "", "")); err != nil {
			panic(err)
		}
	}
}

func answer(pattern, flags, text string) Case {
	c := Case{Pattern: pattern, Flags: flags, Text: text}
	prefix := ""
	if flags != "" {
		prefix = "(?" + flags + ")"
	}
	re, err := regexp.Compile(prefix + pattern)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.Names = re.SubexpNames()[1:]
	whole := pattern
	if strings.Contains(whole, `\Q`) && !strings.Contains(whole, `\E`) {
		whole += `\E`
	}
	c.Whole = regexp.MustCompile(prefix + `\A(?:` + whole + `)\z`).MatchString(text)
	indexes := re.FindStringSubmatchIndex(text)
	c.OK = indexes != nil
	for i := 0; i+1 < len(indexes); i += 2 {
		from, to := indexes[i], indexes[i+1]
		if from < 0 {
			c.Groups = append(c.Groups, nil)
			c.Indexes = append(c.Indexes, -1, -1)
			continue
		}
		group := text[from:to]
		c.Groups = append(c.Groups, &group)
		c.Indexes = append(c.Indexes, units(text[:from]), units(text[:to]))
	}
	return c
}

func units(text string) int {
	return len(utf16.Encode([]rune(text)))
}
