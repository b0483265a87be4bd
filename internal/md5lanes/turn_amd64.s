#include "textflag.h"

// STEP ends a step: what the round's function has made of b, c and d is in Y4.
#define STEP(a, b, word, shift, k) \
	VPBROADCASTD (4*k)(DX), Y5; \
	VPADDD (32*word)(SI), Y5, Y5; \
	VPADDD Y5, a, a; \
	VPADDD Y4, a, a; \
	VPSLLD $shift, a, Y6; \
	VPSRLD $(32-shift), a, a; \
	VPOR Y6, a, a; \
	VPADDD b, a, a

// d ^ (b & (c ^ d)), which is b ? c : d
#define F(a, b, c, d, word, shift, k) \
	VPXOR c, d, Y4; \
	VPAND b, Y4, Y4; \
	VPXOR d, Y4, Y4; \
	STEP(a, b, word, shift, k)

// (d & b) + (~d & c), which is d ? b : c
#define G(a, b, c, d, word, shift, k) \
	VPANDN c, d, Y4; \
	VPADDD Y4, a, a; \
	VPAND b, d, Y4; \
	STEP(a, b, word, shift, k)

// b ^ c ^ d
#define H(a, b, c, d, word, shift, k) \
	VPXOR c, d, Y4; \
	VPXOR b, Y4, Y4; \
	STEP(a, b, word, shift, k)

// c ^ (b | ~d)
#define I(a, b, c, d, word, shift, k) \
	VPXOR Y15, d, Y4; \
	VPOR b, Y4, Y4; \
	VPXOR c, Y4, Y4; \
	STEP(a, b, word, shift, k)

// TRANSPOSE takes eight words of each lane, from an offset on, and stores them word by word, each of all lanes.
#define TRANSPOSE(offset) \
	VMOVDQU offset(AX), Y0; \
	VMOVDQU offset(BX), Y1; \
	VMOVDQU offset(CX), Y2; \
	VMOVDQU offset(R8), Y3; \
	VMOVDQU offset(R9), Y4; \
	VMOVDQU offset(R10), Y5; \
	VMOVDQU offset(R11), Y6; \
	VMOVDQU offset(R12), Y7; \
	VPUNPCKLDQ Y1, Y0, Y8; \
	VPUNPCKHDQ Y1, Y0, Y9; \
	VPUNPCKLDQ Y3, Y2, Y10; \
	VPUNPCKHDQ Y3, Y2, Y11; \
	VPUNPCKLDQ Y5, Y4, Y12; \
	VPUNPCKHDQ Y5, Y4, Y13; \
	VPUNPCKLDQ Y7, Y6, Y14; \
	VPUNPCKHDQ Y7, Y6, Y15; \
	VPUNPCKLQDQ Y10, Y8, Y0; \
	VPUNPCKHQDQ Y10, Y8, Y1; \
	VPUNPCKLQDQ Y11, Y9, Y2; \
	VPUNPCKHQDQ Y11, Y9, Y3; \
	VPUNPCKLQDQ Y14, Y12, Y4; \
	VPUNPCKHQDQ Y14, Y12, Y5; \
	VPUNPCKLQDQ Y15, Y13, Y6; \
	VPUNPCKHQDQ Y15, Y13, Y7; \
	VPERM2I128 $0x20, Y4, Y0, Y8; \
	VPERM2I128 $0x20, Y5, Y1, Y9; \
	VPERM2I128 $0x20, Y6, Y2, Y10; \
	VPERM2I128 $0x20, Y7, Y3, Y11; \
	VPERM2I128 $0x31, Y4, Y0, Y12; \
	VPERM2I128 $0x31, Y5, Y1, Y13; \
	VPERM2I128 $0x31, Y6, Y2, Y14; \
	VPERM2I128 $0x31, Y7, Y3, Y15; \
	VMOVDQU Y8, (8*offset+0)(SI); \
	VMOVDQU Y9, (8*offset+32)(SI); \
	VMOVDQU Y10, (8*offset+64)(SI); \
	VMOVDQU Y11, (8*offset+96)(SI); \
	VMOVDQU Y12, (8*offset+128)(SI); \
	VMOVDQU Y13, (8*offset+160)(SI); \
	VMOVDQU Y14, (8*offset+192)(SI); \
	VMOVDQU Y15, (8*offset+224)(SI)

// func turnAVX2(state *[4][Lanes]uint32, blocks *[Lanes]*[64]byte, sines *[64]uint32)
TEXT ·turnAVX2(SB), NOSPLIT, $512-24
	MOVQ blocks+8(FP), DI
	MOVQ (DI), AX
	MOVQ 8(DI), BX
	MOVQ 16(DI), CX
	MOVQ 24(DI), R8
	MOVQ 32(DI), R9
	MOVQ 40(DI), R10
	MOVQ 48(DI), R11
	MOVQ 56(DI), R12
	LEAQ words-512(SP), SI
	TRANSPOSE(0)
	TRANSPOSE(32)

	MOVQ state+0(FP), DI
	MOVQ sines+16(FP), DX
	VMOVDQU (DI), Y0
	VMOVDQU 32(DI), Y1
	VMOVDQU 64(DI), Y2
	VMOVDQU 96(DI), Y3
	VPCMPEQD Y15, Y15, Y15

	F(Y0, Y1, Y2, Y3, 0, 7, 0)
	F(Y3, Y0, Y1, Y2, 1, 12, 1)
	F(Y2, Y3, Y0, Y1, 2, 17, 2)
	F(Y1, Y2, Y3, Y0, 3, 22, 3)
	F(Y0, Y1, Y2, Y3, 4, 7, 4)
	F(Y3, Y0, Y1, Y2, 5, 12, 5)
	F(Y2, Y3, Y0, Y1, 6, 17, 6)
	F(Y1, Y2, Y3, Y0, 7, 22, 7)
	F(Y0, Y1, Y2, Y3, 8, 7, 8)
	F(Y3, Y0, Y1, Y2, 9, 12, 9)
	F(Y2, Y3, Y0, Y1, 10, 17, 10)
	F(Y1, Y2, Y3, Y0, 11, 22, 11)
	F(Y0, Y1, Y2, Y3, 12, 7, 12)
	F(Y3, Y0, Y1, Y2, 13, 12, 13)
	F(Y2, Y3, Y0, Y1, 14, 17, 14)
	F(Y1, Y2, Y3, Y0, 15, 22, 15)

	G(Y0, Y1, Y2, Y3, 1, 5, 16)
	G(Y3, Y0, Y1, Y2, 6, 9, 17)
	G(Y2, Y3, Y0, Y1, 11, 14, 18)
	G(Y1, Y2, Y3, Y0, 0, 20, 19)
	G(Y0, Y1, Y2, Y3, 5, 5, 20)
	G(Y3, Y0, Y1, Y2, 10, 9, 21)
	G(Y2, Y3, Y0, Y1, 15, 14, 22)
	G(Y1, Y2, Y3, Y0, 4, 20, 23)
	G(Y0, Y1, Y2, Y3, 9, 5, 24)
	G(Y3, Y0, Y1, Y2, 14, 9, 25)
	G(Y2, Y3, Y0, Y1, 3, 14, 26)
	G(Y1, Y2, Y3, Y0, 8, 20, 27)
	G(Y0, Y1, Y2, Y3, 13, 5, 28)
	G(Y3, Y0, Y1, Y2, 2, 9, 29)
	G(Y2, Y3, Y0, Y1, 7, 14, 30)
	G(Y1, Y2, Y3, Y0, 12, 20, 31)

	H(Y0, Y1, Y2, Y3, 5, 4, 32)
	H(Y3, Y0, Y1, Y2, 8, 11, 33)
	H(Y2, Y3, Y0, Y1, 11, 16, 34)
	H(Y1, Y2, Y3, Y0, 14, 23, 35)
	H(Y0, Y1, Y2, Y3, 1, 4, 36)
	H(Y3, Y0, Y1, Y2, 4, 11, 37)
	H(Y2, Y3, Y0, Y1, 7, 16, 38)
	H(Y1, Y2, Y3, Y0, 10, 23, 39)
	H(Y0, Y1, Y2, Y3, 13, 4, 40)
	H(Y3, Y0, Y1, Y2, 0, 11, 41)
	H(Y2, Y3, Y0, Y1, 3, 16, 42)
	H(Y1, Y2, Y3, Y0, 6, 23, 43)
	H(Y0, Y1, Y2, Y3, 9, 4, 44)
	H(Y3, Y0, Y1, Y2, 12, 11, 45)
	H(Y2, Y3, Y0, Y1, 15, 16, 46)
	H(Y1, Y2, Y3, Y0, 2, 23, 47)

	I(Y0, Y1, Y2, Y3, 0, 6, 48)
	I(Y3, Y0, Y1, Y2, 7, 10, 49)
	I(Y2, Y3, Y0, Y1, 14, 15, 50)
	I(Y1, Y2, Y3, Y0, 5, 21, 51)
	I(Y0, Y1, Y2, Y3, 12, 6, 52)
	I(Y3, Y0, Y1, Y2, 3, 10, 53)
	I(Y2, Y3, Y0, Y1, 10, 15, 54)
	I(Y1, Y2, Y3, Y0, 1, 21, 55)
	I(Y0, Y1, Y2, Y3, 8, 6, 56)
	I(Y3, Y0, Y1, Y2, 15, 10, 57)
	I(Y2, Y3, Y0, Y1, 6, 15, 58)
	I(Y1, Y2, Y3, Y0, 13, 21, 59)
	I(Y0, Y1, Y2, Y3, 4, 6, 60)
	I(Y3, Y0, Y1, Y2, 11, 10, 61)
	I(Y2, Y3, Y0, Y1, 2, 15, 62)
	I(Y1, Y2, Y3, Y0, 9, 21, 63)

	VPADDD (DI), Y0, Y0
	VPADDD 32(DI), Y1, Y1
	VPADDD 64(DI), Y2, Y2
	VPADDD 96(DI), Y3, Y3
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VZEROUPPER
	RET
