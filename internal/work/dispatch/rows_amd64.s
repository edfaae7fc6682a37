#include "textflag.h"

// func addRows(out *float32, rows *int8, wide int, cols *int32, by *float32, n int)
//
// SSE2 alone, which every amd64 has. A row's bytes become numbers by doubling them
// twice and shifting the copies out.
TEXT ·addRows(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ wide+16(FP), R8
	MOVQ cols+24(FP), R9
	MOVQ by+32(FP), R10
	MOVQ n+40(FP), R11
	MOVQ R8, R12
	SHLQ $2, R12 // bytes of out

row:
	TESTQ R11, R11
	JZ    done
	MOVLQSX (R9), BX
	IMULQ R8, BX
	ADDQ  SI, BX // bytes of the row
	CMPQ  R11, $5
	JLT   near
	MOVLQSX 16(R9), AX // four rows on: fetch it meanwhile
	IMULQ R8, AX
	ADDQ  SI, AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	PREFETCHT0 128(AX)
	PREFETCHT0 192(AX)

near:
	MOVSS  (R10), X0
	SHUFPS $0, X0, X0
	XORQ   DX, DX // byte of out

sixteen:
	MOVOU     (BX), X1
	MOVO      X1, X3
	PUNPCKLBW X1, X1
	PUNPCKHBW X3, X3
	MOVO      X1, X2
	MOVO      X3, X4
	PUNPCKLWL X1, X1
	PUNPCKHWL X2, X2
	PUNPCKLWL X3, X3
	PUNPCKHWL X4, X4
	PSRAL     $24, X1
	PSRAL     $24, X2
	PSRAL     $24, X3
	PSRAL     $24, X4
	CVTPL2PS  X1, X1
	CVTPL2PS  X2, X2
	CVTPL2PS  X3, X3
	CVTPL2PS  X4, X4
	MULPS     X0, X1
	MULPS     X0, X2
	MULPS     X0, X3
	MULPS     X0, X4
	MOVUPS    (DI)(DX*1), X5
	MOVUPS    16(DI)(DX*1), X6
	MOVUPS    32(DI)(DX*1), X7
	MOVUPS    48(DI)(DX*1), X8
	ADDPS     X1, X5
	ADDPS     X2, X6
	ADDPS     X3, X7
	ADDPS     X4, X8
	MOVUPS    X5, (DI)(DX*1)
	MOVUPS    X6, 16(DI)(DX*1)
	MOVUPS    X7, 32(DI)(DX*1)
	MOVUPS    X8, 48(DI)(DX*1)
	ADDQ      $16, BX
	ADDQ      $64, DX
	CMPQ      DX, R12
	JLT       sixteen

	ADDQ $4, R9
	ADDQ $4, R10
	DECQ R11
	JMP  row

done:
	RET

// func fetch(p *uint32)
TEXT ·fetch(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	RET

// func dotRow(row *int8, z *int16, wide int) int32
TEXT ·dotRow(SB), NOSPLIT, $0-28
	MOVQ row+0(FP), SI
	MOVQ z+8(FP), DI
	MOVQ wide+16(FP), CX
	PXOR X0, X0

products:
	MOVOU     (SI), X1
	MOVO      X1, X2
	PUNPCKLBW X1, X1
	PUNPCKHBW X2, X2
	PSRAW     $8, X1
	PSRAW     $8, X2
	MOVOU     (DI), X3
	MOVOU     16(DI), X4
	PMADDWL   X3, X1
	PMADDWL   X4, X2
	PADDL     X1, X0
	PADDL     X2, X0
	ADDQ      $16, SI
	ADDQ      $32, DI
	SUBQ      $16, CX
	JNZ       products

	PSHUFD $0xee, X0, X1
	PADDL  X1, X0
	PSHUFD $0x55, X0, X1
	PADDL  X1, X0
	MOVL   X0, ret+24(FP)
	RET
