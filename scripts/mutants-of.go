// Lists the places of Go files at which scripts/mutants-of can plant a mistake, as JSON, one a line.
//
//	go run scripts/mutants-of.go FOLDER PROBED FILE...
//
// It also writes each file to the folder PROBED with probes, and a file for each package that has their function: a probe adds its
// number to the file $CHUNKPROOF_REACHED once in a process. The coverage of the go command is written when a process ends by
// itself, which an adapter need not do. Only bodies of functions are changed, since nothing else has probes.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sort"
)

// place is an edit, and the probe that tells whether it is reached.
type place struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	Operator string `json:"operator"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	To       string `json:"to"`
	At       int    `json:"at"`
}

var swaps = map[token.Token]struct {
	operator string
	to       string
}{
	token.LSS: {"border", "<="}, token.LEQ: {"border", "<"}, token.GTR: {"border", ">="}, token.GEQ: {"border", ">"},
	token.EQL: {"negate", "!="}, token.NEQ: {"negate", "=="},
	token.LAND: {"logic", "||"}, token.LOR: {"logic", "&&"},
	token.ADD: {"arithmetic", "-"}, token.SUB: {"arithmetic", "+"}, token.MUL: {"arithmetic", "/"}, token.QUO: {"arithmetic", "*"},
	token.REM: {"arithmetic", "*"},
	token.AND: {"bits", "|"}, token.OR: {"bits", "&"}, token.XOR: {"bits", "|"}, token.SHL: {"bits", ">>"}, token.SHR: {"bits", "<<"},
	token.ADD_ASSIGN: {"arithmetic", "-="}, token.SUB_ASSIGN: {"arithmetic", "+="},
	token.AND_ASSIGN: {"bits", "|="}, token.OR_ASSIGN: {"bits", "&="}, token.XOR_ASSIGN: {"bits", "|="},
	token.SHL_ASSIGN: {"bits", ">>="}, token.SHR_ASSIGN: {"bits", "<<="},
	token.INC: {"arithmetic", "--"}, token.DEC: {"arithmetic", "++"},
}

type walker struct {
	fset     *token.FileSet
	text     []byte
	file     string
	function string
	stack    []ast.Node
	places   []place
	probe    int
	// regions are the probes of statements, and inserted those of this file by where they are put.
	regions  map[ast.Node]int
	inserted []insertion
}

type insertion struct{ at, probe int }

const recorder = `

import (
	"fmt"
	"os"
	"sync"
)

var chunkproofProbes sync.Map

func chunkproofReached(probe int) {
	if _, is := chunkproofProbes.LoadOrStore(probe, true); is {
		return
	}
	file, err := os.OpenFile(os.Getenv("CHUNKPROOF_REACHED"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(file, probe)
	file.Close()
}
`

func (w *walker) add(operator string, start, end token.Pos, to string) {
	probe := 0
	for i := len(w.stack) - 1; i >= 0 && probe == 0; i-- {
		probe = w.regions[w.stack[i]]
	}
	position := w.fset.Position(start)
	w.places = append(w.places, place{
		File: w.file, Line: position.Line, Function: w.function, Operator: operator,
		Start: position.Offset, End: w.fset.Position(end).Offset, To: to, At: probe,
	})
}

func (w *walker) swap(kind token.Token, at token.Pos) {
	if swap, is := swaps[kind]; is {
		w.add(swap.operator, at, at+token.Pos(len(kind.String())), swap.to)
	}
}

func (w *walker) negate(condition ast.Expr) {
	if binary, is := condition.(*ast.BinaryExpr); condition == nil || is && (binary.Op == token.EQL || binary.Op == token.NEQ) {
		return
	}
	start, end := w.fset.Position(condition.Pos()).Offset, w.fset.Position(condition.End()).Offset
	w.add("negate", condition.Pos(), condition.End(), "!("+string(w.text[start:end])+")")
}

// returnsError is whether the innermost function has an error as its last result.
func (w *walker) returnsError() bool {
	for i := len(w.stack) - 1; i >= 0; i-- {
		var kind *ast.FuncType
		switch function := w.stack[i].(type) {
		case *ast.FuncDecl:
			kind = function.Type
		case *ast.FuncLit:
			kind = function.Type
		default:
			continue
		}
		if kind.Results == nil || len(kind.Results.List) == 0 {
			return false
		}
		last, is := kind.Results.List[len(kind.Results.List)-1].Type.(*ast.Ident)
		return is && last.Name == "error"
	}
	return false
}

// isStatement is whether the node that was entered last is one of a list of statements.
func (w *walker) isStatement() bool {
	switch w.stack[len(w.stack)-2].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// mark gives statements their probes: the first of a list has one, and each after a statement from which a function can return.
func (w *walker) mark(list []ast.Stmt) {
	isNew := true
	for _, statement := range list {
		if _, is := statement.(*ast.CaseClause); is {
			return
		}
		if _, is := statement.(*ast.CommClause); is {
			return
		}
		if isNew {
			w.probe++
			w.inserted = append(w.inserted, insertion{w.fset.Position(statement.Pos()).Offset, w.probe})
		}
		w.regions[statement] = w.probe
		switch statement.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.LabeledStmt:
			isNew = true
		default:
			isNew = false
		}
	}
}

// isLog is whether a call only tells people something.
func isLog(expression ast.Expr) bool {
	call, is := expression.(*ast.CallExpr)
	if !is {
		return false
	}
	selector, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return false
	}
	name, is := selector.X.(*ast.Ident)
	return is && (name.Name == "logrus" || name.Name == "log")
}

func (w *walker) visit(node ast.Node) bool {
	if node == nil {
		w.stack = w.stack[:len(w.stack)-1]
		return true
	}
	w.stack = append(w.stack, node)
	switch node := node.(type) {
	case *ast.BlockStmt:
		w.mark(node.List)
	case *ast.CaseClause:
		w.mark(node.Body)
	case *ast.CommClause:
		w.mark(node.Body)
	case *ast.IfStmt:
		w.negate(node.Cond)
	case *ast.ForStmt:
		w.negate(node.Cond)
	case *ast.BinaryExpr:
		// A text has no minus.
		if literal, is := node.Y.(*ast.BasicLit); !is || literal.Kind != token.STRING {
			w.swap(node.Op, node.OpPos)
		}
	case *ast.ExprStmt:
		if isLog(node.X) {
			w.stack = w.stack[:len(w.stack)-1]
			return false
		}
		if w.isStatement() {
			w.add("drop", node.Pos(), node.End(), "")
		}
	case *ast.IncDecStmt:
		w.swap(node.Tok, node.TokPos)
		if w.isStatement() {
			w.add("drop", node.Pos(), node.End(), "")
		}
	case *ast.AssignStmt:
		w.swap(node.Tok, node.TokPos)
		if node.Tok != token.DEFINE && w.isStatement() {
			w.add("drop", node.Pos(), node.End(), "")
		}
	case *ast.BranchStmt:
		if node.Label == nil && node.Tok == token.BREAK {
			w.add("drop", node.Pos(), node.End(), "continue")
		} else if node.Label == nil && node.Tok == token.CONTINUE {
			w.add("drop", node.Pos(), node.End(), "break")
		}
	case *ast.ReturnStmt:
		if len(node.Results) > 0 && w.returnsError() {
			last := node.Results[len(node.Results)-1]
			_, isCall := last.(*ast.CallExpr)
			name, isName := last.(*ast.Ident)
			// A call that is the only result may return all of them.
			if (isName && name.Name != "nil") || (isCall && len(node.Results) > 1) {
				w.add("error", last.Pos(), last.End(), "nil")
			}
		}
	case *ast.BasicLit:
		number, is := new(big.Int).SetString(node.Value, 0)
		if node.Kind == token.INT && is {
			for _, step := range []int64{1, -1} {
				w.add("constant", node.Pos(), node.End(), new(big.Int).Add(number, big.NewInt(step)).String())
			}
		}
	case *ast.Ident:
		if node.Name == "true" {
			w.add("truth", node.Pos(), node.End(), "false")
		} else if node.Name == "false" {
			w.add("truth", node.Pos(), node.End(), "true")
		}
	}
	return true
}

func (w *walker) read(folder, probed, file string) error {
	text, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		return err
	}
	w.fset, w.text, w.file = token.NewFileSet(), text, file
	w.regions, w.inserted = map[ast.Node]int{}, nil
	parsed, err := parser.ParseFile(w.fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, declaration := range parsed.Decls {
		function, is := declaration.(*ast.FuncDecl)
		if !is || function.Body == nil {
			continue
		}
		w.function = function.Name.Name
		if function.Recv != nil && len(function.Recv.List) > 0 {
			kind := function.Recv.List[0].Type
			if pointer, is := kind.(*ast.StarExpr); is {
				kind = pointer.X
			}
			start, end := w.fset.Position(kind.Pos()).Offset, w.fset.Position(kind.End()).Offset
			w.function = string(text[start:end]) + "." + w.function
		}
		w.stack = []ast.Node{function}
		ast.Inspect(function.Body, w.visit)
	}
	sort.Slice(w.inserted, func(i, j int) bool { return w.inserted[i].at > w.inserted[j].at })
	for _, probe := range w.inserted {
		text = slices.Insert(text, probe.at, fmt.Appendf(nil, "chunkproofReached(%d); ", probe.probe)...)
	}
	to := filepath.Join(probed, file)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(to), "chunkproof_reached.go"), []byte("package "+parsed.Name.Name+recorder), 0o644)
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: go run scripts/mutants-of.go FOLDER PROBED FILE...")
		os.Exit(2)
	}
	var w walker
	for _, file := range os.Args[3:] {
		if err := w.read(os.Args[1], os.Args[2], file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, place := range w.places {
		if err := out.Encode(place); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
