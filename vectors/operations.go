package vectors

import "encoding/json"

// ops are the operations in the order of the set, in which choices are decided.
var ops = []string{
	FooterParse.name, AnnotationsParse.name, TOCParse.name, TarSplitParse.name, TarSplitAssemble.name, TarSplitDisassemble.name,
	LayerDecompress.name, LayerIndex.name, LayerReconstruct.name, LayerWrite.name, EStargzFooter.name, EStargzTOC.name,
	TarList.name,
}

// Operation is something that an implementation can be asked for, with the types of its input and output.
type Operation[I, O any] struct{ name string }

// The operations. What TarSplitDisassemble and LayerWrite make is not compared with other bytes: read it back, and answer with
// [TarOf] the tar that it gives.
var (
	FooterParse         = Operation[FooterInput, FooterOutput]{"footer/parse"}
	AnnotationsParse    = Operation[AnnotationsInput, AnnotationsOutput]{"annotations/parse"}
	TOCParse            = Operation[TOCInput, TOCOutput]{"toc/parse"}
	TarSplitParse       = Operation[TarSplitInput, TarSplitOutput]{"tarsplit/parse"}
	TarSplitAssemble    = Operation[AssembleInput, TarOutput]{"tarsplit/assemble"}
	TarSplitDisassemble = Operation[TarInput, TarOutput]{"tarsplit/disassemble"}
	LayerDecompress     = Operation[DecompressInput, TarOutput]{"layer/decompress"}
	LayerIndex          = Operation[IndexInput, IndexOutput]{"layer/index"}
	LayerReconstruct    = Operation[ReconstructInput, ReconstructOutput]{"layer/reconstruct"}
	LayerWrite          = Operation[TarInput, TarOutput]{"layer/write"}
	EStargzFooter       = Operation[EStargzFooterInput, EStargzFooterOutput]{"estargz/footer"}
	EStargzTOC          = Operation[EStargzTOCInput, EStargzTOCOutput]{"estargz/toc"}
	TarList             = Operation[TarInput, TreeOutput]{"tar/list"}
)

// Name returns the name in case files.
func (o Operation[I, O]) Name() string { return o.name }

// Cases returns the cases of the operation in the order of their ids.
func (o Operation[I, O]) Cases() []*Case { return Cases(o.name) }

// Input decodes the input of a case.
func (o Operation[I, O]) Input(c *Case) (I, error) {
	var input I
	err := json.Unmarshal(c.Input, &input)
	return input, err
}

// Output decodes the output that is right where the case is accepted. Further ones are in the readings of [Expect].
func (o Operation[I, O]) Output(c *Case) (O, error) {
	var output O
	err := json.Unmarshal(c.Expect.Output, &output)
	return output, err
}

// By returns the operation as a function implements it, in these dialects, or in all if none is named. An error of the function is
// a rejection, and one by [Decline] declines.
func (o Operation[I, O]) By(f func(I) (O, error), dialects ...string) Part {
	return Part{o.name, dialects, func(c *Case) answer {
		input, err := o.Input(c)
		if err != nil {
			return answer{kind: unreadable, message: err.Error()}
		}
		return ask(func() (any, error) { return f(input) })
	}}
}
