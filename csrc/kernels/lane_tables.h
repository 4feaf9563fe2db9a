// Tables of elementary functions for machines that pick one of sixteen coefficients by an instruction: see lane_pieces.h.
#pragma once

namespace st::lane {
inline namespace STEEPEST_ISA {

// 2^(j / 16) and 2^(j / 8), what rounding took from them in parts of them, and (e^r - 1 - r) / r^2 on |r| <= log(2) / 32 and / 16.
inline constexpr float kFloatPowers[] = {
    0x1p+0f, 0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f, 0x1.306fep+0f, 0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
    0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f, 0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f};
inline constexpr float kFloatPowersRest[] = {
    0, 0x1.8d96d4p-25f, -0x1.9c0c22p-27f, 0x1.964904p-25f, 0x1.125002p-25f, 0x1.370be4p-25f, -0x1.0a355p-25f, -0x1.00d8acp-27f,
    0x1.26055cp-26f, -0x1.05cb44p-25f, 0x1.67a1cap-28f, 0x1.a3b5e4p-28f, -0x1.f9c304p-27f, -0x1.6961b4p-28f, -0x1.a5217cp-28f, 0x1.61428ep-28f};
inline constexpr float kFloatPowerTail[] = {
    0x1.000148p-1f, 0x1.55565cp-3f};
inline constexpr double kPowers[] = {
    0x1p+0, 0x1.172b83c7d517bp+0, 0x1.306fe0a31b715p+0, 0x1.4bfdad5362a27p+0, 0x1.6a09e667f3bcdp+0, 0x1.8ace5422aa0dbp+0,
    0x1.ae89f995ad3adp+0, 0x1.d5818dcfba487p+0};
inline constexpr double kPowersRest[] = {
    0, -0x1.01b15eaa59348p-55, 0x1.34d754db0abb6p-55, 0x1.690cebb7aafbp-56, -0x1.3b3efbf5e2228p-54, 0x1.db72fc1f0eab4p-55,
    0x1.c1a7792cb3387p-55, 0x1.4a385a63d07a7p-56};
inline constexpr double kPowerTail[] = {
    0x1p-1, 0x1.555555555559dp-3, 0x1.5555555555572p-5, 0x1.1111110c65bbfp-7, 0x1.6c16c1685a7e7p-10, 0x1.a01edd94e0c6ep-13,
    0x1.a01de4c96acd4p-16};

// By the top four bits of a mantissa in [3/4, 3/2): c near its inverse, 1 next to 1; -log(c), beside log(2) for a mantissa below 1, as a
// multiple of 2^-16 and of 2^-40 and the rest; and (log(1 + r) - r + r^2 / 2) / r^3 on [-1/28, 1/16].
inline constexpr float kFloatLogInverse[] = {
    0x1p+0f, 0x1.d4p-1f, 0x1.bbp-1f, 0x1.a4p-1f, 0x1.8f8p-1f, 0x1.7dp-1f, 0x1.6cp-1f, 0x1.5c8p-1f,
    0x1.4e4p+0f, 0x1.414p+0f, 0x1.354p+0f, 0x1.2ap+0f, 0x1.1f8p+0f, 0x1.15cp+0f, 0x1.0c8p+0f, 0x1p+0f};
inline constexpr float kFloatLogHead[] = {
    0, 0x1.701p-4f, 0x1.2878p-3f, 0x1.95a8p-3f, 0x1.fc2p-3f, 0x1.2eap-2f, 0x1.5d5cp-2f, 0x1.89ecp-2f,
    0x1.b4acp-2f, 0x1.dd4cp-2f, 0x1.0222p-1f, 0x1.151cp-1f, 0x1.277ap-1f, 0x1.3924p-1f, 0x1.4a7cp-1f, 0x1.62e4p-1f};
inline constexpr float kFloatLogRest[] = {
    0, -0x1.67a8aap-19f, -0x1.621f72p-18f, -0x1.291848p-18f, 0x1.8be62p-19f, -0x1.d431eep-18f, -0x1.10535p-21f, -0x1.8a179ap-19f,
    -0x1.0841fp-19f, -0x1.5fb1e2p-18f, 0x1.2ccb34p-17f, 0x1.fb794ap-20f, -0x1.e136bep-21f, 0x1.bbcb9cp-22f, -0x1.e10382p-19f, 0x1.7f7d1cp-20f};
inline constexpr float kFloatLogSeries[] = {
    0x1.555552p-2f, -0x1.0001f6p-2f, 0x1.99fca8p-3f, -0x1.46af3p-3f};
inline constexpr double kLogInverse[] = {
    0x1p+0, 0x1.d4p-1, 0x1.bbp-1, 0x1.a4p-1, 0x1.8f8p-1, 0x1.7dp-1,
    0x1.6cp-1, 0x1.5c8p-1, 0x1.4e4p+0, 0x1.414p+0, 0x1.354p+0, 0x1.2ap+0,
    0x1.1f8p+0, 0x1.15cp+0, 0x1.0c8p+0, 0x1p+0};
inline constexpr double kLogHead[] = {
    0, 0x1.700d30aebp-4, 0x1.28753bc118p-3, 0x1.95a5adcf7p-3, 0x1.fc218be62p-3, 0x1.2e9e2bce14p-2,
    0x1.5d5bddf594p-2, 0x1.89eb3af434p-2, 0x1.b4ab7bdf08p-2, 0x1.dd4aa04e1cp-2, 0x1.02232ccb34p-1, 0x1.151c3f6f2ap-1,
    0x1.2779e1ec94p-1, 0x1.39240dde5ep-1, 0x1.4a7b87bf2p-1, 0x1.62e42fefa4p-1};
inline constexpr double kLogRest[] = {
    0, -0x1.f8f85c959884bp-43, 0x1.5d2538d64c0bap-42, 0x1.7f22858a0ff6fp-47, 0x1.4bba46f1cf6ap-44, -0x1.d79fe7dae5c48p-42,
    0x1.f2fa6afbadcd1p-42, -0x1.78ba7e7c37764p-42, 0x1.646398c3e8674p-44, 0x1.2d8512df01afcp-44, 0x1.88f1d017ea232p-43, -0x1.3dbb2f45275c9p-42,
    -0x1.35b991994c91p-45, -0x1.16d8482a914e9p-41, -0x1.5f6e2d8a4cd62p-43, -0x1.8432a1b0e2634p-43};
inline constexpr double kLogSeries[] = {
    0x1.555555555555p-2, -0x1.0000000000526p-2, 0x1.99999999cb6fbp-3, -0x1.5555554798ea4p-3, 0x1.24924686942afp-3, -0x1.00003faf71cddp-3,
    0x1.c73505be352fap-4, -0x1.995f37dd38ca1p-4, 0x1.4f262b4afe362p-4};

// By the exponent and a bit of the mantissa of max(x, 1/16) for floats, max(x, 1/8) for doubles, in x minus the centre: tanh(x) / x - 1 up
// to 1, 1 - tanh(x) beyond.
inline constexpr float kFloatTanhCentres[] = {
    0x1.4p+1f, 0x1.cp+1f, 0x1.4p+2f, 0x1.cp+2f, 0x1.4p+3f, 0x1.cp+3f, 0, 0x1.cp-4f,
    0x1.4p-3f, 0x1.cp-3f, 0x1.4p-2f, 0x1.cp-2f, 0x1.4p-1f, 0x1.cp-1f, 0x1.4p+0f, 0x1.cp+0f};
inline constexpr float kFloatTanhPieces[8][16] = {
    {0x1.b69f6ap-7f, 0x1.dda734p-10f, 0x1.7ccdfap-14f, 0x1.be6626p-20f, 0x1.162b66p-28f, 0x1.7e385ep-40f, -0x1.155c52p-48f, -0x1.0416bep-8f,
     -0x1.081686p-7f, -0x1.006d22p-6f, -0x1.00a564p-5f, -0x1.e586fp-5f, -0x1.cd6012p-4f, -0x1.90756ap-3f, 0x1.36b712p-3f, 0x1.e04068p-5f},
    {-0x1.b3afe4p-6f, -0x1.dd37d2p-9f, -0x1.7cce32p-13f, -0x1.be6b92p-19f, -0x1.1abfb4p-27f, -0x1.84833p-39f, 0x1.71db2ap-38f, -0x1.27d436p-4f,
     -0x1.a2748cp-4f, -0x1.1f8eap-3f, -0x1.8b35dap-3f, -0x1.01bf46p-2f, -0x1.3f63eep-2f, -0x1.5f05f6p-2f, -0x1.1f2514p-2f, -0x1.d22ca2p-4f},
    {0x1.adda2ap-6f, 0x1.dc5a64p-9f, 0x1.7d1912p-13f, 0x1.becf02p-19f, 0x1.2fa252p-27f, 0x1.a135bcp-39f, -0x1.555556p-2f, -0x1.4ba6a2p-2f,
     -0x1.41d186p-2f, -0x1.2ff6fep-2f, -0x1.0cb0a2p-2f, -0x1.a5feeep-3f, -0x1.d895e2p-4f, -0x1.cdfa04p-7f, 0x1.e7292p-3f, 0x1.b6d84cp-4f},
    {-0x1.16debap-6f, -0x1.3c6898p-9f, -0x1.fbbedp-14f, -0x1.29b2c2p-19f, -0x1.8237bep-28f, -0x1.09579cp-39f, 0x1.b03936p-24f, 0x1.d273ep-5f,
     0x1.44ecfcp-4f, 0x1.b2002ep-4f, 0x1.18c1d4p-3f, 0x1.471dc6p-3f, 0x1.3fa358p-3f, 0x1.c0f2c4p-4f, -0x1.bba428p-4f, -0x1.01bap-4f},
    {0x1.07d26ap-7f, 0x1.39e9dcp-10f, 0x1.f4f80ep-15f, 0x1.25c658p-20f, 0x1.16b15p-29f, 0x1.7ef056p-41f, 0x1.110edap-3f, 0x1.fb59e4p-4f,
     0x1.d4cf58p-4f, 0x1.9106ap-4f, 0x1.13a2dep-4f, 0x1.80a8bep-6f, -0x1.dc7dbcp-6f, -0x1.c9016cp-5f, 0x1.9c5266p-7f, 0x1.81699ap-6f},
    {-0x1.76d8e6p-9f, -0x1.ef11fp-12f, -0x1.92daa8p-16f, -0x1.d8cfc8p-22f, -0x1.04978ep-30f, -0x1.66115p-42f, 0x1.9455f6p-14f, -0x1.1549ccp-5f,
     -0x1.79db5ap-5f, -0x1.e3e1b8p-5f, -0x1.1d930ep-4f, -0x1.1510cp-4f, -0x1.55930ep-5f, -0x1.caf2c6p-9f, 0x1.3a9d1ap-6f, -0x1.e49022p-9f},
    {0x1.6dfb4p-11f, 0x1.49ba8cp-13f, 0x1.369932p-17f, 0x1.6da6cep-23f, 0x1.5d247ap-31f, 0x1.dfbdcp-43f, -0x1.c41b88p-5f, -0x1.802a3ap-5f,
     -0x1.48224p-5f, -0x1.d4284p-6f, -0x1.2df796p-7f, 0x1.b6b394p-7f, 0x1.cc89dcp-6f, 0x1.3985b8p-6f, -0x1.edf04p-7f, -0x1.11a954p-9f},
    {-0x1.08f19ep-14f, -0x1.5db7d8p-15f, -0x1.56e5aep-19f, -0x1.952354p-25f, -0x1.63b5a8p-33f, -0x1.e8c3d4p-45f, 0x1.0893fp-7f, 0x1.235d7ep-6f,
     0x1.813816p-6f, 0x1.d1bea6p-6f, 0x1.e08b36p-6f, 0x1.577d24p-6f, 0x1.284a2ep-9f, -0x1.2d5266p-7f, 0x1.24670ep-8f, 0x1.01380ep-9f}};
inline constexpr double kTanhCentres[] = {
    0x1.4p+1, 0x1.cp+1, 0x1.4p+2, 0x1.cp+2, 0x1.4p+3, 0x1.cp+3,
    0x1.4p+4, 0x1.cp+4, 0, 0x1.cp-3, 0x1.4p-2, 0x1.cp-2,
    0x1.4p-1, 0x1.cp-1, 0x1.4p+0, 0x1.cp+0};
inline constexpr double kTanhPieces[17][16] = {
    {0x1.b69f67d638f8ep-7, 0x1.dda738adf1189p-10, 0x1.7cd32e41dd96p-14, 0x1.be6c578712971p-20, 0x1.1b4865556b5d5p-28, 0x1.853f01d6d413bp-40,
     0x1.40e402270ee59p-57, 0x1.27ec458c65e3cp-80, -0x1.330ebd1ec8416p-86, -0x1.006d2155beb18p-6, -0x1.00a564ef5e501p-5, -0x1.e586efad24533p-5,
     -0x1.cd6011038d223p-4, -0x1.90756a6a3ffap-3, 0x1.36b7112534847p-3, 0x1.e040681ccad94p-5},
    {-0x1.b3afe1fba5c76p-6, -0x1.dd37d19b22b21p-9, -0x1.7ccec13a9ef84p-13, -0x1.be6c3f33250afp-19, -0x1.1b4865397c508p-27, -0x1.853f01bde3ba6p-39,
     -0x1.18920e892854fp-56, -0x1.27ca433073ec5p-79, 0x1.ce203a1347dc6p-75, -0x1.1f8e9f4e6885ep-3, -0x1.8b35d9af4210dp-3, -0x1.01bf45c3fd57ep-2,
     -0x1.3f63eee72f87bp-2, -0x1.5f05f56359861p-2, -0x1.1f25131e3a8cp-2, -0x1.d22ca1c24a139p-4},
    {0x1.addae58c7142p-6, 0x1.dc59376c7aa19p-9, 0x1.7cc5e74676717p-13, 0x1.be6c0e8b4cd7ep-19, 0x1.1b4865360e4f3p-27, 0x1.853f01d4191d5p-39,
     0x1.c0217ed38872ep-56, 0x1.27e8c3f3a57a4p-79, -0x1.5555555555555p-2, -0x1.2ff6fea1e2d23p-2, -0x1.0cb0a1581b503p-2, -0x1.a5feed9fe7972p-3,
     -0x1.d895df1ab99c1p-4, -0x1.cdfa02966680cp-7, 0x1.e7291743d7556p-3, 0x1.b6d85a01efb8p-4},
    {-0x1.16df44871effbp-6, -0x1.3c6869dfc8877p-9, -0x1.fb9aef915dd58p-14, -0x1.299d1e27c6ep-19, -0x1.79b5ddc95c3b8p-28, -0x1.037f57ba20fc7p-39,
     0x1.012ec661f948cp-57, -0x1.8b5bb9ce3111fp-80, 0x1.6d2d1e86781bdp-58, 0x1.b2002d31907efp-4, 0x1.18c1d4ae2bbfp-3, 0x1.471dc659554cep-3,
     0x1.3fa3576b6643bp-3, 0x1.c0f2c3fe43a3ap-4, -0x1.bba40cbef75b9p-4, -0x1.01ba038be6a21p-4},
    {0x1.07b55c1c7cec4p-7, 0x1.3a18d584318d9p-10, 0x1.fb6bbc89f5d0ap-15, 0x1.299c9c68480d4p-20, 0x1.79b5dc0cb5b17p-29, 0x1.037f56d0522c1p-40,
     0x1.5678ff1b0b04bp-55, 0x1.8aba4e6d44dfdp-81, 0x1.11111111110fep-3, 0x1.9106a1a9a159dp-4, 0x1.13a2cc4f0f9adp-4, 0x1.80a7ca4db8617p-6,
     -0x1.dc8b99a2a2528p-6, -0x1.c9020598ce17ap-5, 0x1.9c7a027883c5cp-7, 0x1.8157e26e0d65ep-6},
    {-0x1.7682afa60d91dp-9, -0x1.ef2ee77717546p-12, -0x1.95a4482f0a07dp-16, -0x1.dc2c27da3bb5bp-22, -0x1.2e2afdc2e782ap-30, -0x1.9f3203793c11bp-42,
     0x1.56439231653f7p-55, -0x1.38e4c5f255f65p-82, 0x1.3262cb35df5a1p-45, -0x1.e3e1c0e3606c3p-5, -0x1.1d9344bcd1f4dp-4, -0x1.1510d4a5176dp-4,
     -0x1.5590876da3becp-5, -0x1.cad06b6c2d81dp-9, 0x1.3a7a01205eebep-6, -0x1.e4709c7ea2436p-9},
    {0x1.793826f7fbf4bp-11, 0x1.405695e365893p-13, 0x1.0e08de3147a19p-17, 0x1.3d709ba69948p-23, 0x1.92e410926d0e1p-32, 0x1.14cc10f3acdaep-43,
     0x1.5d4a7e4ad6a1p-55, 0x1.a3badbb2d9b63p-84, -0x1.ba1ba1ba4e873p-5, -0x1.d45cca2d26cf4p-6, -0x1.2d0de2f67e29ap-7, 0x1.b9c2c85ec00dcp-7,
     0x1.d2175026fd8b1p-6, 0x1.39ff22e2b97cep-6, -0x1.f1cf6c7e9183p-7, -0x1.0379811e828bep-9},
    {-0x1.4cffcfade47a1p-14, -0x1.57e48e5bb4555p-15, -0x1.33b66d7f8d7dcp-19, -0x1.6ac4e578ad818p-25, -0x1.cc74b62fba686p-34, -0x1.3c588f66546ebp-45,
     0x1.ec5ee9759fc06p-56, -0x1.f2142527c35ebp-86, 0x1.77b723e0c1c39p-35, 0x1.d22463e75243p-6, 0x1.e1e5bda986c61p-6, 0x1.57fec02260391p-6,
     0x1.180b4fb50c9a5p-9, -0x1.30c23789d2332p-7, 0x1.326bd42947409p-8, 0x1.fc15b0b92b4dfp-10},
    {-0x1.4055bd5b38fefp-15, 0x1.2bf0cb4748045p-17, 0x1.31eab1ff80349p-21, 0x1.6abb029c64f4p-27, 0x1.cc735f063bbdp-36, 0x1.3c57a9126ef04p-47,
     0x1.18fb64773410fp-56, 0x1.e80dc4ed443ap-88, 0x1.664f4789b0433p-6, 0x1.a456bb0033549p-8, -0x1.d630ba3767258p-9, -0x1.889fba8ffe872p-7,
     -0x1.64d0446696ecbp-7, -0x1.d46c1afe3eb5bp-11, 0x1.ca3f1c15ad212p-11, -0x1.c77dedd2d4cd9p-11},
    {0x1.0462609e423bbp-15, -0x1.7b6a21600256dp-20, -0x1.0cbcc88312c14p-23, -0x1.425bb23375755p-29, -0x1.992a65c482a2dp-38, -0x1.191bb7bafe4e6p-49,
     0x1.ecef35f401ea9p-58, -0x1.73e30fd830cp-90, 0x1.e4bcbb9caa3fcp-27, -0x1.97332fbdbc75dp-7, -0x1.5b1625bd71dfbp-7, -0x1.03113d5be5ff1p-8,
     0x1.072795c02e41fp-8, 0x1.b87f20a7bbe6bp-9, -0x1.be93596af78f8p-10, 0x1.a0c6798d97855p-13},
    {-0x1.c12e9e44b9768p-17, 0x1.fa6029f90ee5cp-25, 0x1.a3c8a6cbefa63p-26, 0x1.01c6dead32d98p-31, 0x1.476037d2ce482p-40, 0x1.c1d55242471b3p-52,
     0x1.54264b485df2ap-59, 0x1.3efd90aa36f2dp-92, -0x1.226f939e4f172p-7, -0x1.973e750998161p-12, 0x1.04cd0517ccc9dp-8, 0x1.7c99a989e3b69p-8,
     0x1.0d3278ce86a1cp-9, -0x1.947010728908ap-10, 0x1.b8530fe45a715p-11, 0x1.078bf4082a7c6p-15},
    {0x1.13c4027cde23bp-18, 0x1.22b8c75366642p-24, -0x1.22667ad467391p-28, -0x1.76a5538d7f055p-34, -0x1.de0e969e12938p-43, -0x1.4870b2558d749p-54,
     0x1.697c9d05fdf75p-61, -0x1.5e28773624f3p-94, 0x1.78d7fb6c586f3p-20, 0x1.4835f6b4d63e6p-8, 0x1.9e28683a9607fp-9, -0x1.bd15152635abp-12,
     -0x1.2de448bca8665p-9, -0x1.acaca7465d4dap-13, -0x1.9c0d89a013dd7p-14, -0x1.d42b47ff66374p-15},
    {-0x1.b9052532a3f13p-21, -0x1.34dfee3185c75p-25, 0x1.5bc6e18d57d2ap-31, 0x1.f2aa82c6cae19p-37, 0x1.3e4a21a7d1f3p-45, 0x1.b55a1b1ed8672p-57,
     0x1.24f64bdc27c1ap-63, 0x1.9fea00c3682c8p-97, 0x1.d5a7ffdd25e55p-9, -0x1.77c19f4b8e442p-11, -0x1.3043481e540ddp-9, -0x1.0bfc237c5b853p-9,
     0x1.2ec647bbf143dp-12, 0x1.3433c18c797fp-11, -0x1.3543530b04021p-13, 0x1.f13a0add6eaap-16},
    {0x1.4cebb9c93f346p-29, 0x1.ac00213885ef7p-27, -0x1.51c1546338e58p-34, -0x1.313ac9a964a6ep-39, -0x1.778d3986f2de9p-48, -0x1.0203a8a35905bp-59,
     0x1.5d5acb2b5d1cep-66, 0x1.023d85c379bc6p-108, 0x1.5a033c60aac2dp-15, -0x1.e945e03f40453p-10, -0x1.5d4e2d8ddc063p-11, 0x1.b4757b42b00e8p-11,
     0x1.645a68e5c19bfp-11, -0x1.0b5687b01bac7p-12, 0x1.e6b060baea74ep-14, -0x1.23148bf4cfb68p-17},
    {0x1.9354f50d9ca39p-24, -0x1.def1cb58dc374p-29, 0x1.55f0c95c01baep-38, 0x1.5aa8a4461a035p-42, 0x1.b14614053efd6p-51, 0x1.29ac797ae641p-62,
     0x1.24101fa3e91e6p-69, 0x1.f2cc05fa2f14fp-105, -0x1.a06f2be08eabbp-10, 0x1.3f9907059c996p-11, 0x1.17c9a3127b83ap-10, 0x1.03874deebaec3p-11,
     -0x1.a18a93f68aec5p-12, -0x1.6fce76bb650d7p-15, -0x1.281479d11a267p-15, 0x1.0ef0a3ccae0c5p-23},
    {-0x1.ffe9516998ac9p-25, 0x1.c6264390c1531p-31, 0x1.fa8bfe3dcd872p-40, -0x1.826afad1f80b2p-45, -0x1.3132224e28e23p-53, -0x1.a36a05ad73788p-65,
     0x1.32a85986a7f4ep-73, -0x1.4846a20ac4d86p-104, 0x1.1f73b926f5f01p-12, 0x1.4d09c07f480e2p-11, 0x1.69400a724a805p-20, -0x1.efdc5d820681bp-12,
     -0x1.188f763a177e1p-14, 0x1.abab5490be0dp-14, -0x1.1d706bebcd2f8p-17, 0x1.a74811bd2c131p-20},
    {0x1.667ee26d42c36p-26, -0x1.40ae82c3c65e1p-33, -0x1.91ccae14b563cp-41, 0x1.7346b94b5f753p-48, 0x1.2900f50e9407cp-56, 0x1.983471951fd73p-68,
     0x1.3bdccd768fb99p-78, 0x1.28b9959ee5ec6p-107, 0x1.39b5114c65d09p-12, -0x1.715fefcf4bfcep-12, -0x1.b1d7999670179p-12, -0x1.fd673740f8b7cp-16,
     0x1.5983a30823de8p-13, -0x1.5630deb2bfec2p-15, 0x1.b9d5d9a54f93p-17, -0x1.05784e3ca5aadp-20}};

// In x minus the centre of a piece, 1/4 wide for floats, 3/8 for doubles: erf(x) / x - 1 up to 1 and 9/8, erfc(x) beyond.
inline constexpr float kFloatErfPieces[6][16] = {
    {0x1.f5e1a2p-4f, 0x1.3e08c8p-4f, -0x1.70e9e2p-9f, -0x1.a9a1f4p-4f, 0x1.c9296cp-4f, 0x1.a8973ap-5f,
     0x1.612d88p-6f, 0x1.067844p-7f, 0x1.5bde74p-9f, 0x1.9a7c3ep-11f, 0x1.aeb468p-13f,
     0x1.916fc8p-15f, 0x1.4c14c6p-17f, 0x1.e74a68p-20f, 0x1.3ce8d6p-22f, 0x1.6d339p-25f},
    {-0x1.7d900ap-4f, -0x1.09ac3cp-2f, -0x1.7edef6p-2f, -0x1.b29324p-2f, -0x1.45e99cp-2f, -0x1.5ce596p-3f,
     -0x1.499d46p-4f, -0x1.12ceb2p-5f, -0x1.94624cp-7f, -0x1.06918cp-8f, -0x1.2ce8ap-10f,
     -0x1.3053a8p-12f, -0x1.0f9e4ep-14f, -0x1.abe13ap-17f, -0x1.296b32p-19f, -0x1.6ce336p-22f},
    {-0x1.766afp-2f, -0x1.276b4ep-2f, -0x1.527662p-3f, -0x1.4579d8p-5f, 0x1.6ea75cp-2f, 0x1.dfbd44p-3f,
     0x1.0bd0d4p-3f, 0x1.01a26p-4f, 0x1.ada76cp-6f, 0x1.37c942p-7f, 0x1.8ae6ecp-9f,
     0x1.b56308p-11f, 0x1.a8457cp-13f, 0x1.68d9f4p-15f, 0x1.0d5944p-17f, 0x1.61242ep-20f},
    {0x1.c5a5dcp-5f, 0x1.24d516p-3f, 0x1.671b06p-3f, 0x1.367b28p-3f, -0x1.4cb25cp-3f, -0x1.43750ep-3f,
     -0x1.d664f8p-4f, -0x1.143e9ap-4f, -0x1.0ea59ap-5f, -0x1.c1ebcap-7f, -0x1.407c7ap-8f,
     -0x1.89d748p-10f, -0x1.a35ed4p-12f, -0x1.84325cp-14f, -0x1.3923b6p-16f, -0x1.b90efp-19f},
    {0x1.b2666ep-4f, 0x1.00d04ap-4f, 0x1.03900cp-9f, -0x1.6bb9c2p-5f, -0x1.d03be6p-6f, 0x1.eb3e3ep-6f,
     0x1.948836p-5f, 0x1.59669cp-5f, 0x1.b09596p-6f, 0x1.b0bb6ap-7f, 0x1.6647e4p-8f,
     0x1.f44f7cp-10f, 0x1.29e92ap-11f, 0x1.30cdc4p-13f, 0x1.0d4d4p-15f, 0x1.9c796ep-18f},
    {-0x1.3e50dep-6f, -0x1.7a563cp-5f, -0x1.7c79a4p-5f, -0x1.a2e89p-6f, 0x1.f3e7dcp-5f, 0x1.f62826p-6f,
     0x1.3107bcp-9f, -0x1.728f66p-7f, -0x1.978792p-7f, -0x1.11f94p-7f, -0x1.15cf68p-8f,
     -0x1.c572dap-10f, -0x1.32debap-11f, -0x1.5e3076p-13f, -0x1.54730ep-15f, -0x1.1bf45cp-17f}};
inline constexpr double kErfPieces[14][16] = {
    {0x1.d83ecffec36eep-4, 0x1.457ac9a6a1c4fp-6, -0x1.0b61b2d27c159p-3, 0x1.03d0ab9273b94p-4, 0x1.16b24cb8f8f92p-6, 0x1.cf80d4afc3019p-9,
     0x1.29082600643fdp-11, 0x1.2422ed95a3235p-14, 0x1.b792bbc489b05p-18, 0x1.f8c0c2e2ce8d2p-22, 0x1.b9823c51276c3p-26, 0x1.25c354b26cbc9p-30,
     0x1.2906cb94eb95dp-35, 0x1.c7fa0c7e3e6d8p-41, 0x1.097f82fc0a7ddp-46, 0x1.d4ca9b637584ep-53},
    {-0x1.1ad8fe728fb15p-3, -0x1.679e55f14d0ebp-2, -0x1.b5e332cde440cp-2, -0x1.9cb5bd549b111p-3, -0x1.0bf97e95f2a64p-4, -0x1.06ae13b0d3255p-6,
     -0x1.84ba3004a50dp-9, -0x1.b23a5a23e421p-12, -0x1.6e2367dc27f95p-15, -0x1.d21397ead99cbp-19, -0x1.bfd7555a3bd66p-23, -0x1.44d26de513197p-27,
     -0x1.63ac6b4edc8c1p-32, -0x1.25f9ee0b92502p-37, -0x1.6ed2f2515efbfp-43, -0x1.5982008db2974p-49},
    {-0x1.6948b59e1edf7p-2, -0x1.957878b9a0e29p-3, -0x1.96b59010877dap-7, 0x1.0ed7443f85c3p-2, 0x1.c435059d0977cp-4, 0x1.0ee3844e59bf6p-5,
     0x1.d9c2ea85a9294p-8, 0x1.315107613c61ap-10, 0x1.23c436c36fd6cp-13, 0x1.9f19734d2a14fp-17, 0x1.b8d7f804d388bp-21, 0x1.5e32de7af5fa1p-25,
     0x1.a0ce0dc04d829p-30, 0x1.741051462d277p-35, 0x1.f2a6c164680a3p-41, 0x1.f610e8c74f5f3p-47},
    {0x1.4c6796aabb5b2p-4, 0x1.6262c6c4b0c5dp-3, 0x1.1daad1cca2f37p-3, -0x1.5066cda84bbadp-3, -0x1.a3687c1eaf1a8p-4, -0x1.48b127f8ed8a4p-5,
     -0x1.60898536e1054p-7, -0x1.0c243329a9c9cp-9, -0x1.26bf00867a80dp-12, -0x1.d982bd41d89a2p-16, -0x1.17f93e5149417p-19, -0x1.e9e05b3c8f361p-24,
     -0x1.3e380dd7570ffp-28, -0x1.33cde4f3510c7p-33, -0x1.bc42ba3859fb3p-39, -0x1.df2dac2e39063p-45},
    {0x1.95f90c6997ecdp-4, 0x1.1354bdb07b285p-6, -0x1.a83203f32f5cp-5, 0x1.419fa10b74b6p-6, 0x1.9647a30b194b5p-5, 0x1.f155b4e7d588fp-6,
     0x1.5eb1c899ef70ep-7, 0x1.4630116267035p-9, 0x1.a51fb50b19735p-12, 0x1.8320fc4817e9ap-15, 0x1.013b0457acae1p-18, 0x1.f2f6fa7edf344p-23,
     0x1.638bc5017007fp-27, 0x1.760fe7d109d32p-32, 0x1.2391e1745f53dp-37, 0x1.51b1805130c39p-43},
    {-0x1.d0686f6104b97p-6, -0x1.92fd6788ed97bp-5, -0x1.379108eac8fb8p-6, 0x1.3f41761d5c50cp-5, -0x1.6981061e0e4e4p-9, -0x1.aa2c0753d5ddbp-7,
     -0x1.d854f73e72772p-8, -0x1.1e84d1022f0c8p-9, -0x1.c08253790208bp-12, -0x1.e0a1cb1d02d1p-15, -0x1.6b245d7e07683p-18, -0x1.899dcace4985dp-22,
     -0x1.35753ad5bbd86p-26, -0x1.63a70fdbfe561p-31, -0x1.2c6c2464e390fp-36, -0x1.76996e12d5c5ap-42},
    {-0x1.677ae22f77161p-6, 0x1.2aefea74f6589p-8, 0x1.20af561ddfbabp-6, -0x1.6d1d724f94befp-6, -0x1.7e8755e1b433ep-7, 0x1.bbf7e2be41c2dp-11,
     0x1.897719ad374cep-9, 0x1.6b41872071fd4p-10, 0x1.6c3dbfde76b98p-12, 0x1.d3842244d5817p-15, 0x1.98077560ace22p-18, 0x1.f34b7e8c0bc3fp-22,
     0x1.b41f31a6cdb32p-26, 0x1.1324f28babc69p-30, 0x1.f9a3acd128befp-36, 0x1.5461367f1b3cfp-41},
    {0x1.d6a57d5756f42p-8, 0x1.4188159a069fbp-7, -0x1.a5d3ab83a8681p-12, -0x1.e377f5ba5da1p-11, 0x1.9be73203e08c3p-8, 0x1.5478d7860762p-9,
     -0x1.88cdc8d0c064p-12, -0x1.36edde56d5e09p-11, -0x1.c1dd143257a56p-13, -0x1.696daf670222cp-15, -0x1.749204996edcap-18, -0x1.04be03020dc7bp-21,
     -0x1.fe694d92ec833p-26, -0x1.63a3185bf8686p-30, -0x1.65024f251dbcp-35, -0x1.0456e481ecec2p-40},
    {0x1.02700092f01fbp-8, -0x1.2092cd0a416bfp-9, -0x1.b1ef4c9b0a3a2p-9, 0x1.4cc91ba75b12p-8, -0x1.3a951727d1d0dp-13, -0x1.8eae13c017cecp-10,
     -0x1.b325a9b843152p-12, 0x1.f787307afe863p-14, 0x1.94c36d91c1cfbp-14, 0x1.bb6e2023ca7fdp-16, 0x1.175064e7a2db8p-18, 0x1.c73bf1a6dfa04p-22,
     0x1.f8afaf0ea4b89p-26, 0x1.872632ae3f15ep-30, 0x1.af25803bedde4p-35, 0x1.55db1c0185afdp-40},
    {-0x1.781d021ac938fp-10, -0x1.82ef1b0fd07bdp-10, 0x1.80ef6afc24d74p-11, -0x1.553ee50ceeb69p-10, -0x1.319f7ff18666bp-10, 0x1.92945f38bc03ep-13,
     0x1.381550d0056p-12, 0x1.51ecf6fa22df4p-15, -0x1.bf0ab9fbfe9cp-16, -0x1.a4fcad433ccd5p-17, -0x1.57e940f2ffaa9p-19, -0x1.4edda87b66daap-22,
     -0x1.aa775b69f681dp-26, -0x1.72e3271f40107p-30, -0x1.c38a88f59fc14p-35, -0x1.86edb633d440ep-40},
    {-0x1.36e261226bd76p-11, 0x1.10efe778a3c9ap-11, 0x1.a9e421c39989bp-12, -0x1.262a9006b6c8bp-11, 0x1.b881895627878p-12, 0x1.9100c50c03e35p-13,
     -0x1.2b1a368f16e5bp-14, -0x1.712883328119ap-15, -0x1.6cd1269820657p-23, 0x1.1c9c8f4e3d83cp-18, 0x1.570e5e6ee5facp-20, 0x1.9fbe1911705e8p-23,
     0x1.35faad1f524a7p-26, 0x1.31c16f3ab68bbp-30, 0x1.9ddc43f48fac2p-35, 0x1.88de8657658ccp-40},
    {0x1.f117ed8da80a3p-13, 0x1.67b024647eac8p-13, -0x1.75c4caab22ecdp-13, 0x1.6bb7639ff3319p-12, 0x1.0393ad4b5fdf9p-14, -0x1.b074bb985ec7fp-14,
     -0x1.1ee796e03f4d2p-16, 0x1.0aeb45f07b656p-16, 0x1.2b3ca1556157ep-18, -0x1.74731f34e56b2p-21, -0x1.0a15acabb61b7p-21, -0x1.b0d65757796f3p-24,
     -0x1.84ece4244f2f4p-27, -0x1.b9b7ad9eed7f6p-31, -0x1.4f8795b3f50ccp-35, -0x1.5f9adc912fc3cp-40},
    {0x1.3bf4178b926d3p-14, -0x1.6f5fa4a343e77p-14, -0x1.f5b14640a571cp-16, 0x1.53d97906d374bp-17, -0x1.500269e320b3fp-14, 0x1.8d7fcecda2675p-18,
     0x1.2801d5c6e693ap-16, -0x1.6f54db29df5bbp-21, -0x1.3939e4a87e23ap-19, -0x1.02aa12d9cbb3ep-22, 0x1.17700661eb22cp-23, 0x1.758bd4c09f43dp-25,
     0x1.ad01304d9af86p-28, 0x1.2191b1a721712p-31, 0x1.f92d5c99e8785p-36, 0x1.29ded3e79214ep-40},
    {-0x1.1420dc9531137p-15, -0x1.f5283bfafda74p-17, 0x1.c9d34017d7d7cp-16, -0x1.a4dd31b62ea85p-15, 0x1.9002fc693a221p-17, 0x1.a1b102e8fdeep-17,
     -0x1.164a1805864c2p-18, -0x1.00acb1508ffbep-19, 0x1.10f8e1f7f3069p-21, 0x1.e4a5739dd42a7p-23, -0x1.324753ea6c413p-27, -0x1.ee4d48334f95dp-27,
     -0x1.87a2120e31634p-29, -0x1.3fa0da3b9a4d6p-32, -0x1.40950e11dbd25p-36, -0x1.a71fb79518e3bp-41}};

// By the exponent and two bits of the mantissa of x + 1 for floats, of x + 2 for doubles: e^(x^2) erfc(x), in x minus the centre. Centres are
// numbers whose value is nearly a float or double: what stands first has no error.
inline constexpr float kFloatErfcCentres[] = {
    0x1.3ffaep+0f, 0x1.bfff8p+0f, 0x1.1fff5p+1f, 0x1.60003p+1f, 0x1.bff8ap+1f, 0x1.1ffdbp+2f, 0x1.5fff3p+2f, 0x1.a0026p+2f,
    0x1.fffdep+2f, 0x1.3fff3p+3f, 0x1.7ffc9p+3f, 0x1.c0004p+3f, 0x1.fff8p-4f, 0x1.8005cp-2f, 0x1.40006p-1f, 0x1.c002ep-1f};
inline constexpr float kFloatErfcPieces[8][16] = {
    {0x1.78aadap-2f, 0x1.23d006p-2f, 0x1.d9454p-3f, 0x1.8c9e86p-3f, 0x1.3e0f7ap-3f, 0x1.f5b67ap-4f, 0x1.9d8b7cp-4f, 0x1.5f73cep-4f,
     0x1.1ea9fp-4f, 0x1.cbe95ap-5f, 0x1.7fd7d6p-5f, 0x1.494b84p-5f, 0x1.bf17d8p-1f, 0x1.5f26eap-1f, 0x1.1d168cp-1f, 0x1.db72aep-2f},
    {-0x1.abb39p-3f, -0x1.0c3dc6p-3f, -0x1.6a723cp-4f, -0x1.03053cp-4f, -0x1.528fe4p-5f, -0x1.aa452p-6f, -0x1.238dfp-6f, -0x1.a6de24p-7f,
     -0x1.1a5accp-7f, -0x1.6c579ap-8f, -0x1.fc507ep-9f, -0x1.7670b6p-9f, -0x1.d1f6b4p-1f, -0x1.3a59c8p-1f, -0x1.babcap-2f, -0x1.4367ccp-2f},
    {0x1.b57ba8p-4f, 0x1.c8d1e4p-5f, 0x1.0616dcp-5f, 0x1.43b91ep-6f, 0x1.5d6746p-7f, 0x1.62c90ap-8f, 0x1.9527d2p-9f, 0x1.f756b8p-10f,
     0x1.1413f2p-10f, 0x1.1f401ap-11f, 0x1.4f70dap-12f, 0x1.a8b68p-13f, 0x1.84d9ecp-1f, 0x1.d286f6p-2f, 0x1.2576e2p-2f, 0x1.80ec14p-3f},
    {-0x1.9b71dp-5f, -0x1.6cb646p-6f, -0x1.688686p-7f, -0x1.84e902p-8f, -0x1.5e7144p-9f, -0x1.21974p-10f, -0x1.1599d2p-11f, -0x1.287216p-12f,
     -0x1.0c023ep-13f, -0x1.c2cd86p-15f, -0x1.b93e68p-16f, -0x1.e08aep-17f, -0x1.163d7cp-1f, -0x1.2e7ee6p-2f, -0x1.59c2d2p-3f, -0x1.9d53d4p-4f},
    {0x1.68a76ap-6f, 0x1.1360fap-7f, 0x1.da5882p-9f, 0x1.c2c35p-10f, 0x1.5635e2p-11f, 0x1.d00b34p-13f, 0x1.774dcap-14f, 0x1.59a674p-15f,
     0x1.024944p-16f, 0x1.600d8p-18f, 0x1.213c24p-19f, 0x1.0f2ddap-20f, 0x1.6210c2p-2f, 0x1.611428p-3f, 0x1.72d288p-4f, 0x1.982b78p-5f},
    {-0x1.299daep-7f, -0x1.8bf32p-9f, -0x1.2bd29ap-10f, -0x1.f99a12p-12f, -0x1.461474p-13f, -0x1.6d5ad4p-15f, -0x1.f4e3d8p-17f, -0x1.8f13fcp-18f,
     -0x1.ee8abap-20f, -0x1.11b3cep-21f, -0x1.79f7f4p-23f, -0x1.31534ep-24f, -0x1.99c5acp-3f, -0x1.7a0e6cp-4f, -0x1.6fcca6p-5f, -0x1.77978ep-6f},
    {0x1.d9a6ecp-9f, 0x1.140afep-10f, 0x1.715aacp-12f, 0x1.15761ap-13f, 0x1.377516p-15f, 0x1.2000f2p-17f, 0x1.4e78c2p-19f, 0x1.ccf17ap-21f,
     0x1.e3a5b2p-23f, 0x1.af9ddep-25f, 0x1.f2de9ep-27f, 0x1.5a53c6p-28f, 0x1.b92c3ap-4f, 0x1.7ab134p-5f, 0x1.57208ep-6f, 0x1.46c32ap-7f},
    {-0x1.60ef62p-10f, -0x1.6cadaap-12f, -0x1.b3249p-14f, -0x1.25710cp-15f, -0x1.1b4466p-17f, -0x1.b686c8p-20f, -0x1.b3639cp-22f, -0x1.05197cp-23f,
     -0x1.c8a374p-26f, -0x1.4c769ap-28f, -0x1.43be6cp-30f, -0x1.840b56p-32f, -0x1.b7e4b2p-5f, -0x1.618262p-6f, -0x1.2c096cp-7f, -0x1.0bec58p-8f}};
inline constexpr double kErfcCentres[] = {
    0x1.0073p-2, 0x1.7fe1p-1, 0x1.3fe2ap+0, 0x1.bff34p+0, 0x1.3ffdp+1, 0x1.c0236p+1,
    0x1.1ff55p+2, 0x1.600e4p+2, 0x1.c01ecp+2, 0x1.2002dp+3, 0x1.5ff1p+3, 0x1.a008fp+3,
    0x1.fff5ap+3, 0x1.3ff52p+4, 0x1.800ffp+4, 0x1.bff43p+4};
inline constexpr double kErfcPieces[16][16] = {
    {0x1.8a4024a29692dp-1, 0x1.0398bd947037fp-1, 0x1.78bf1ce0e5cc6p-2, 0x1.23d6711d1444ep-2, 0x1.afbed0d729c2cp-3, 0x1.3df337acb9d3fp-3,
     0x1.f5c46c665de56p-4, 0x1.9d7a552ee06f1p-4, 0x1.46c66dab1f023p-4, 0x1.fe67d7e7081cdp-5, 0x1.a28576338841p-5, 0x1.62743a06c2104p-5,
     0x1.2053aec227126p-5, 0x1.cdab6f274d789p-6, 0x1.80c1f791440fbp-6, 0x1.49f48ed642019p-6},
    {-0x1.7c424a4ecd9f7p-1, -0x1.78ea7a514026ap-2, -0x1.abdd037491f22p-3, -0x1.0c48b40e489f7p-3, -0x1.308ba1be8dfd8p-4, -0x1.525591e3cbc91p-5,
     -0x1.aa5c570e0a343p-6, -0x1.23761b141f1dcp-6, -0x1.6e1a71cc36f53p-7, -0x1.c03dd02d89b8bp-8, -0x1.2df6a9b28c9fp-8, -0x1.b1abce9176d3cp-9,
     -0x1.1f3be83a67379p-9, -0x1.70777f16c4b16p-10, -0x1.0005362775dbp-10, -0x1.78a6a8dcb747bp-11},
    {0x1.2b04dd9d0ad17p-1, 0x1.d930e33cb07c9p-3, 0x1.b5b61bd8b554bp-4, 0x1.c8ec0f0084a35p-5, 0x1.989ec25eec0d6p-6, 0x1.5d0f7bbe316e5p-7,
     0x1.62e573174d0afp-8, 0x1.94f6d40678ed5p-9, 0x1.9653507651f7dp-10, 0x1.8758417ceb3cep-11, 0x1.b1ff28fc2e4a6p-12, 0x1.08881c673514p-12,
     0x1.1d988e8489c2ep-13, 0x1.25b75e5db26fcp-14, 0x1.546c0608649cbp-15, 0x1.adaeb5dbe9d25p-16},
    {-0x1.9729fd7a34b59p-2, -0x1.0a08a071d413p-3, -0x1.9bb627d4eef5bp-5, -0x1.6cd09fa2a2337p-6, -0x1.06399bb1f56b7p-7, -0x1.5dfefbd028db1p-9,
     -0x1.21b59b00bb5fcp-10, -0x1.156da96b1bb56p-11, -0x1.bedb5b49b04f5p-13, -0x1.53b44ecc26285p-14, -0x1.36a6d4f565144p-15, -0x1.41cc0dc0e847cp-16,
     -0x1.1b6cd38082fecp-17, -0x1.d3af0fb52b814p-19, -0x1.c44260f0dc3c3p-20, -0x1.e9decb221c084p-21},
    {0x1.f01181e450b76p-3, 0x1.11ba866d0848ep-4, 0x1.68f7c3ee1201bp-6, 0x1.137d320860c58p-7, 0x1.436749b52f114p-9, 0x1.55c186d03d9fap-11,
     0x1.d053cfb62d62ap-13, 0x1.77099b8849d78p-14, 0x1.e711452780c69p-16, 0x1.2535ad8455fc5p-17, 0x1.bafdfc4f6bd73p-19, 0x1.8659994d71d08p-20,
     0x1.18bca447f6278p-21, 0x1.73e3945ca7fe5p-23, 0x1.2c2962caf02bbp-24, 0x1.171169f10c89dp-25},
    {-0x1.14098e9b32891p-3, -0x1.0577f24a6acc3p-5, -0x1.29e66b584f124p-7, -0x1.8c1fcd1e27f0fp-9, -0x1.80ac77e41e88fp-11, -0x1.458d06ac73e8p-13,
     -0x1.6d9b921b304dcp-15, -0x1.f4763c187a128p-17, -0x1.07264e476e2ccp-18, -0x1.f756fcdc3d82p-21, -0x1.3aa396563fbbfp-22, -0x1.d82d20a2b15bep-24,
     -0x1.158c9e0cbedf6p-25, -0x1.275a9e82b8dc6p-27, -0x1.8e1723e45cf4ep-29, -0x1.3dc1c7fad15f7p-30},
    {0x1.1ca0141cc4c32p-4, 0x1.d48e8fdcb7277p-7, 0x1.d24240a87bc07p-9, 0x1.108b3d2c25ecdp-10, 0x1.ba9ea98bc5bb4p-13, 0x1.2efe0ee598aebp-15,
     0x1.1b15a42173567p-17, 0x1.49c42f35c48edp-19, 0x1.19f158b4f329p-21, 0x1.ada9e90601e33p-24, 0x1.bd3f87c600972p-26, 0x1.1cc81feea938bp-27,
     0x1.11e20190d8d6cp-29, 0x1.d4917728fd8ecp-32, 0x1.07c264d853da3p-33, 0x1.6994f2cdf8d9bp-35},
    {-0x1.12bd378c4c66dp-5, -0x1.8ce546cc99f2bp-8, -0x1.5bfdebf2c96a9p-10, -0x1.68664b906dfb5p-12, -0x1.eded3f675e7aap-15, -0x1.13e39d8ba47b6p-17,
     -0x1.af64f62d75ab4p-20, -0x1.ad5c92643fb76p-22, -0x1.2b95d7df8ee1dp-24, -0x1.6ccb4e513c449p-27, -0x1.39d9c3cfdc48bp-29, -0x1.5691a4e5b6ca2p-31,
     -0x1.0dc2a556a739fp-33, -0x1.733b5ba26e057p-36, -0x1.5d3767e071d9ep-38, -0x1.9b31473c1dea7p-40},
    {0x1.f471ff0f94739p-7, 0x1.3fc4991a60c4ep-9, 0x1.f1af08893a06cp-12, 0x1.cb8be38074006p-14, 0x1.0bda8b451e58ap-16, 0x1.ec1ea8f6641c2p-20,
     0x1.43aed725f8b63p-22, 0x1.1444badbafe23p-24, 0x1.3bc3d73f8797ap-27, 0x1.3412ee3b41bcbp-30, 0x1.b8cfc91617ef1p-33, 0x1.9af3c63aea812p-35,
     0x1.0934e48ff6215p-37, 0x1.25c2705dc1d4p-40, 0x1.cdf81e57375dbp-43, 0x1.d351145c39a9ep-45},
    {-0x1.b0b8f5f1252b4p-8, -0x1.ec7b145ea01f9p-11, -0x1.5642aad7689cfp-13, -0x1.1b533a52dfdcp-15, -0x1.1ae21de76fa78p-18, -0x1.ae5ddaf0c44cbp-22,
     -0x1.de9ade26d1113p-25, -0x1.5f84e76adf291p-27, -0x1.4a31d2fc717f4p-30, -0x1.02cff2180fc84p-33, -0x1.346cd4f513b23p-36, -0x1.eba52fb224e48p-39,
     -0x1.043f98fa63b31p-41, -0x1.d05970efd428p-45, -0x1.314e13e528cb7p-47, -0x1.09626db5e6107p-49},
    {0x1.650257e6279a2p-9, 0x1.6bee85537c4b8p-12, 0x1.c6281e2c039ap-15, 0x1.52a9d718fdca6p-17, 0x1.236410719368p-20, 0x1.716324d1640dfp-24,
     0x1.5cd803d916521p-27, 0x1.ba61147b62642p-30, 0x1.56a0f24ce47b1p-33, 0x1.b09e235883bp-37, 0x1.ae05ba7e788a5p-40, 0x1.254c4f82c956ap-42,
     0x1.fdd66e25ef4a6p-46, 0x1.6e9001ecb9f39p-49, 0x1.9332d3e587fdfp-52, 0x1.2d3af3a2832e9p-54},
    {-0x1.1a322b76a977fp-10, -0x1.02f20cd9c501ep-13, -0x1.23790c587dbcbp-16, -0x1.893d993be46e4p-19, -0x1.252a003343fdfp-22, -0x1.376f671e48e6ap-26,
     -0x1.f59b598e00c16p-30, -0x1.13686ed2ad4dep-32, -0x1.60d6f774292f1p-36, -0x1.67bb9f71ca105p-40, -0x1.2ab283e752efp-43, -0x1.5d015861acd43p-46,
     -0x1.f27971af9c63bp-50, -0x1.2105396bc9d19p-53, -0x1.0a041bed73777p-56, -0x1.55b44b0c6d69p-59},
    {0x1.acbb1cf7f021fp-12, 0x1.63b729d82449ap-15, 0x1.6aab149a952c8p-18, 0x1.bc50bc5d1a196p-21, 0x1.201541f07e112p-24, 0x1.01f4afd3e5fcep-28,
     0x1.63c4511fde5d7p-32, 0x1.534e8d6fdcd21p-35, 0x1.680bc9a1b5745p-39, 0x1.2969123fbf1dep-43, 0x1.9d53327227508p-47, 0x1.9e1bca043cc74p-50,
     0x1.e5c05497c1689p-54, 0x1.c6ef60e39fb15p-58, 0x1.5e9d16dbce2p-61, 0x1.834f9eb17b709p-64},
    {-0x1.3a23f2d619aafp-13, -0x1.d922c78d40df3p-17, -0x1.b67cf8f844653p-20, -0x1.e96c664c5506ap-23, -0x1.158de8ab9bc94p-26, -0x1.a4a03dfeb5179p-31,
     -0x1.f276f0567c8fep-35, -0x1.9de8eb6c33e35p-38, -0x1.6d4dc0271cacfp-42, -0x1.e9b39c1f70218p-47, -0x1.1d15613cb710ep-50, -0x1.ea25529233425p-54,
     -0x1.d93e44a8ec59fp-58, -0x1.65df678df401cp-62, -0x1.cdd738dc85ab7p-66, -0x1.b6d15946a27f4p-69},
    {0x1.ca1b4b09d7573p-15, 0x1.38a7a519d8a0fp-18, 0x1.0737502ea7265p-21, 0x1.0ba0b4f6177aep-24, 0x1.14949d6d10d7p-28, 0x1.5f2a5bf8f0d99p-33,
     0x1.631cfdaaa327bp-37, 0x1.ff590f79cb0d2p-41, 0x1.8886e3cc63b61p-45, 0x1.a282297929987p-50, 0x1.939e202868558p-54, 0x1.27b792371e669p-57,
     0x1.e8e3964036455p-62, 0x1.2460f4bbd77dbp-66, 0x1.38657e6fb346dp-70, 0x1.faf855db8c202p-74},
    {-0x1.3a93e6cf9edf5p-16, -0x1.870db7bbda793p-20, -0x1.2cf6c190c7ee6p-23, -0x1.18d2818030868p-26, -0x1.ff38c1d4f39eep-31, -0x1.16441025d9425p-35,
     -0x1.e46180fdb6cf2p-40, -0x1.326af2803dc33p-43, -0x1.89e10e13108e2p-48, -0x1.5548de31b948ep-53, -0x1.13b07f23d972fp-57, -0x1.5c9c094a6fa4fp-61,
     -0x1.d9e030b9293e2p-66, -0x1.c9e178888f594p-71, -0x1.9bdf77168036cp-75, -0x1.1e5b49ceb34b8p-78}};

// By the exponent and two bits of the mantissa of x in [1, 16), in x minus the centre (a value with no error, too): lgamma(x) / ((x - 1) (x - 2))
// and digamma(x) over x minus its root.
inline constexpr double kLgammaCentres[] = {
    0x1.200378p+1, 0x1.5ffc5p+1, 0x1.a002b8p+1, 0x1.e0044p+1, 0x1.200014p+2, 0x1.5fff38p+2,
    0x1.9ffdbcp+2, 0x1.e002p+2, 0x1.200026p+3, 0x1.5ffedep+3, 0x1.a00002p+3, 0x1.dffee2p+3,
    0x1.2000fp+0, 0x1.5ff94p+0, 0x1.a0018p+0, 0x1.e008ep+0};
inline constexpr double kLgammaPieces[14][16] = {
    {0x1.992b9a811eaf4p-2, 0x1.72c3f9e3b6c1fp-2, 0x1.54b5ebb3aa763p-2, 0x1.3c5b940821581p-2, 0x1.1f28391ffcfb5p-2, 0x1.01526c7f13b72p-2,
     0x1.d49181081bbcep-3, 0x1.af9d699211a8bp-3, 0x1.83d3341abe17cp-3, 0x1.57b6413fb3492p-3, 0x1.361aca2731203p-3, 0x1.1b78d9f854858p-3,
     0x1.18f9bdd952ddap-1, 0x1.013fb99d54de7p-1, 0x1.dcfc69800a322p-2, 0x1.be4f66c4c5af1p-2},
    {-0x1.5fbefc7fd33fp-4, -0x1.0d3e000e4a69cp-4, -0x1.adcad733d59f8p-5, -0x1.6197585c5f8a9p-5, -0x1.12f636ed3ddcbp-5, -0x1.9f4cef3fde84bp-6,
     -0x1.47af5c9d37c4dp-6, -0x1.0ad6fb682722fp-6, -0x1.9986e3cd7e7b9p-7, -0x1.30bb7a04518c6p-7, -0x1.daf33a7216b73p-8, -0x1.7eb6127e66219p-8,
     -0x1.b06f501798419p-3, -0x1.4e780b142eda7p-3, -0x1.0d7806385c5d9p-3, -0x1.bf299beef955ep-4},
    {0x1.9df3e39922f0bp-6, 0x1.06ad200030d3ep-6, 0x1.66dc417fdeb98p-7, 0x1.02791bb2b33a7p-7, 0x1.537785f398415p-8, 0x1.a9c8a29652dfep-9,
     0x1.1fd6534f69358p-9, 0x1.9a9e3be6e98d9p-10, 0x1.0a256093cd851p-10, 0x1.48d6c23937154p-11, 0x1.b6dabb2fc2538p-12, 0x1.358b06b2053c1p-12,
     0x1.e9e1809434aeap-4, 0x1.391f6067f5e13p-4, 0x1.aeb7909fba095p-5, 0x1.383fb095cb943p-5},
    {-0x1.154e963805092p-7, -0x1.21ac8d3386535p-8, -0x1.50b3cf3a9dcaep-9, -0x1.a68b88257d454p-10, -0x1.d1cd80c909959p-11, -0x1.e219af69d6989p-12,
     -0x1.15d60493856cap-12, -0x1.59c3d2287391fp-13, -0x1.78bf404929e2dp-14, -0x1.80889988f0f1fp-15, -0x1.b5b704c290acep-16, -0x1.0d6830d36dd6ap-16,
     -0x1.4345645b33772p-4, -0x1.536cb6fb4ac36p-5, -0x1.8c62377c43a68p-6, -0x1.f3ad33e2ac3e2p-7},
    {0x1.8e86bf6e3800dp-9, 0x1.559bb0dc19a07p-10, 0x1.50e9bae5eafbfp-11, 0x1.6f7664e0e30ccp-12, 0x1.52f7177043ba4p-13, 0x1.20865584dd76fp-14,
     0x1.1abcacc2a526ap-15, 0x1.3244ddb11cdecp-16, 0x1.17bb542933a49p-17, 0x1.d660016090319p-19, 0x1.c7ace985e52f6p-20, 0x1.e894fb2b8fbe8p-21,
     0x1.cd09f6ba41d21p-5, 0x1.8cfb3c768bd49p-6, 0x1.88ed83f904fe8p-7, 0x1.adea18918a829p-8},
    {-0x1.2b0788b9e5258p-10, -0x1.a41c70e3b2287p-12, -0x1.5f1acabad9c1cp-13, -0x1.4c666c3ab7cb6p-14, -0x1.0024b6f40cddap-15, -0x1.65ed42b14059ep-17,
     -0x1.29b82f6c7cafdp-18, -0x1.1852753743668p-19, -0x1.ac80358989e28p-21, -0x1.283a5046f3c66p-22, -0x1.e7c02b47148adp-24, -0x1.c6fe1a490b7c1p-25,
     -0x1.57ffc9fc51f25p-5, -0x1.e5b5c952fb103p-7, -0x1.974e4fbc46c6bp-8, -0x1.8299b7d34ee87p-9},
    {0x1.cded579d7bf64p-12, 0x1.09c656a61eb07p-13, 0x1.7835283810b8fp-15, 0x1.34f4e894993f3p-16, 0x1.8d62dac7af6cep-18, 0x1.c744a6d0fdbbfp-20,
     0x1.411aa42f9316cp-21, 0x1.06904141f85a2p-22, 0x1.4f78cac7b5c0bp-24, 0x1.7ce962da2eda1p-26, 0x1.0a3c066d41674p-27, 0x1.afc92305572f8p-29,
     0x1.0848f66a4994ap-5, 0x1.31f810bf27862p-7, 0x1.b2c36cd4daf33p-9, 0x1.65f4f472109f9p-10},
    {-0x1.6c2be021b2008p-13, -0x1.572f315b4ac28p-15, -0x1.9b46ff051ae76p-17, -0x1.24e3ef8974b19p-18, -0x1.3a3a926618874p-20, -0x1.26efb28557aa9p-22,
     -0x1.608a46fbae8b7p-24, -0x1.f4614a10415ep-26, -0x1.0af9c0f29b5edp-27, -0x1.f1733ed1a39b5p-30, -0x1.26f77392c853dp-31, -0x1.9f9b1c3e85117p-33,
     -0x1.9e6bbea39f544p-6, -0x1.896b920c464ffp-8, -0x1.d9a9bc46aefa1p-10, -0x1.524d8bb0b74d6p-11},
    {0x1.237d0a3996e71p-14, 0x1.c1e90510a8a59p-17, 0x1.c871b0458201bp-19, 0x1.19d515f2d70f5p-20, 0x1.f843a5b210f25p-23, 0x1.8396aec947521p-25,
     0x1.886603a7f2b08p-27, 0x1.e32d950aeb2f9p-29, 0x1.ae5e914040b7ap-31, 0x1.48c3b87dc81ap-33, 0x1.4a961481c0df1p-35, 0x1.947b47d7899cap-37,
     0x1.49d2d50e5c291p-6, 0x1.00be47bc37c1dp-8, 0x1.05ec5ca32181p-10, 0x1.4495feb880ff5p-12},
    {-0x1.d810865d0a029p-16, -0x1.2a5f8fdd6ca6ep-18, -0x1.00420d3b8e896p-20, -0x1.125c0a5b811fcp-22, -0x1.9946708ce6592p-25, -0x1.0189a6bcba60dp-27,
     -0x1.b98b088eabb83p-30, -0x1.d7887f842f1abp-32, -0x1.5e6cfa32496ccp-34, -0x1.b6c965fcc9a14p-37, -0x1.75f44f6d789a6p-39, -0x1.8d2cdac4b4e04p-41,
     -0x1.098a0cc66c9acp-6, -0x1.52f4ee9bb22ccp-9, -0x1.25034a382bde4p-11, -0x1.3b07eb3851cadp-13},
    {0x1.818950c9fad9fp-17, 0x1.8f5037093371cp-20, 0x1.22603e3622eeap-22, 0x1.0d8c853acdc38p-24, 0x1.4f0cfc5f92906p-27, 0x1.594399a43aadep-30,
     0x1.f52f9d4e35384p-33, 0x1.d01f11f280ed7p-35, 0x1.1f8bcd55f2f65p-37, 0x1.2712a1c46922cp-40, 0x1.aa309d13960b4p-43, 0x1.88d79db58bb3bp-45,
     0x1.af4732489e7c9p-7, 0x1.c37710df03bc9p-10, 0x1.4abadb5e1108fp-12, 0x1.3485223d4c49cp-14},
    {-0x1.3d5f11fdd42a4p-18, -0x1.0d44827e86fffp-21, -0x1.4b8db741a8ae9p-24, -0x1.0ad747ea37f9cp-26, -0x1.1483d2d2e335ep-29, -0x1.d27203ea34bf2p-33,
     -0x1.1e90ee115e816p-35, -0x1.cc23c190ac1d2p-38, -0x1.db7479684907ap-41, -0x1.8f9b46a797bcdp-44, -0x1.e8e588bee9e94p-47, -0x1.86fc24912496dp-49,
     -0x1.61150d44f39e9p-7, -0x1.2ef9d777ca0b3p-10, -0x1.7819ba546d18fp-13, -0x1.3062e81c03648p-15},
    {0x1.114508d029f89p-19, 0x1.76f3b03378c84p-23, 0x1.8407d44ad1644p-26, 0x1.0d8600ebda0b7p-28, 0x1.dd9069fdcc98dp-32, 0x1.4563333c9afe9p-35,
     0x1.4fe2e715af4a1p-38, 0x1.d1607f7088661p-41, 0x1.9b2d3d4bda526p-44, 0x1.174c5675c6727p-47, 0x1.1f3cd5f587679p-50, 0x1.8cae919388f8ap-53,
     0x1.2e4f1887c257fp-7, 0x1.a3c884a26697ep-11, 0x1.b646f5c8bc115p-14, 0x1.3254a5c062c5fp-16},
    {-0x1.c7665537b08dcp-21, -0x1.ff3aaacaa87dap-25, -0x1.c05676e364c0dp-28, -0x1.0e0a495917a28p-30, -0x1.8ed2b4c2d53dfp-34, -0x1.bcb3be6dae2f6p-38,
     -0x1.846e358b6ae59p-41, -0x1.d2b82efb0a10bp-44, -0x1.57c6af26dfb33p-47, -0x1.7e3dffa419a92p-51, -0x1.4ce5018bd54bcp-54, -0x1.8eac9fa59d088p-57,
     -0x1.f517ec58a8783p-8, -0x1.1cbaef3fffd4p-11, -0x1.f8378c97649a6p-15, -0x1.31f3e56cdb032p-17}};
inline constexpr double kDigammaCentres[] = {
    0x1.200188p+1, 0x1.60003p+1, 0x1.9ffc3p+1, 0x1.dffd58p+1, 0x1.1fffbcp+2, 0x1.600094p+2,
    0x1.9fff04p+2, 0x1.dffe4cp+2, 0x1.1fff3p+3, 0x1.600074p+3, 0x1.9fff2ap+3, 0x1.e0004ap+3,
    0x1.1ffebp+0, 0x1.60066p+0, 0x1.9ffd9p+0, 0x1.e008cp+0};
inline constexpr double kDigammaPieces[14][16] = {
    {0x1.73d4c831b6ce6p-1, 0x1.456eb6ed41404p-1, 0x1.232a7a607ef6ep-1, 0x1.0895c5ae4749fp-1, 0x1.d41528c8f161ep-2, 0x1.988500778733ep-2,
     0x1.6c64f53c4dcc6p-2, 0x1.4a23809e9f252p-2, 0x1.22c89a52bbc23p-2, 0x1.f8f27bc7b412dp-3, 0x1.c05a7a86d31c8p-3, 0x1.948ecdb2a7584p-3,
     0x1.2771303526b24p+0, 0x1.020e961fbd208p+0, 0x1.cd9f56408e17ap-1, 0x1.a3ab689c738a8p-1},
    {-0x1.b6c8b20102cedp-3, -0x1.3ace079a82aa4p-3, -0x1.de6b21601afb6p-4, -0x1.7a7074e9b984p-4, -0x1.18ecc38294416p-4, -0x1.94e6bf7fb6541p-5,
     -0x1.3439e7ff47516p-5, -0x1.e7d10dc5e74e3p-6, -0x1.69c7cd24660d6p-6, -0x1.040a7b52c3dep-6, -0x1.8aa6aa29aaa18p-7, -0x1.37428cf0eb153p-7,
     -0x1.64077cb146c49p-1, -0x1.f74811232fd1ap-2, -0x1.7aaa0be3c0395p-2, -0x1.297249f9fdd97p-2},
    {0x1.441e493b98c8ep-4, 0x1.796982a81a11dp-5, 0x1.e30013322655ap-6, 0x1.4a31e25b3f054p-6, 0x1.97bc4a4378b31p-7, 0x1.e0b72babeb61ap-8,
     0x1.35fbb51f4eebp-8, 0x1.a9e9739d7b8c4p-9, 0x1.08057694490f8p-9, 0x1.37d7bb01883e6p-10, 0x1.9215480f5fb11p-11, 0x1.13de6bca14564p-11,
     0x1.13cb31625da3cp-1, 0x1.39c5686affc4p-2, 0x1.8ab73cab66d44p-3, 0x1.0a3c70b29c349p-3},
    {-0x1.04376ab2e28edp-5, -0x1.eae93521b56acp-7, -0x1.07f9963def8c9p-7, -0x1.37464248af7dap-8, -0x1.3ec491f8fbd7ap-9, -0x1.3264f447456b7p-10,
     -0x1.4dc9eadb33383p-11, -0x1.8d3525103d9c5p-12, -0x1.9a6990f79a5a3p-13, -0x1.8d0c137a432edp-14, -0x1.b1e0abd6407fep-15, -0x1.0270e7bdbd5bap-15,
     -0x1.ce35aaff241e3p-2, -0x1.a8b496481bbfp-3, -0x1.bf4f5d3b30516p-4, -0x1.03298fb3b2837p-4},
    {0x1.b33ef588c20cep-7, 0x1.4cc1dea2993edp-8, 0x1.2cadb99870005p-9, 0x1.31a1a3a39f8e1p-10, 0x1.0351287c0c4c7p-11, 0x1.95daa3c6f608ap-13,
     0x1.750154106becp-14, 0x1.7ffe7c35f0a66p-15, 0x1.4a2a7b35f1dd4p-16, 0x1.0532b8f17046bp-17, 0x1.e32a20f842edap-19, 0x1.f32be2bdc7f99p-20,
     0x1.8faeac7464cadp-2, 0x1.29c56e5f20247p-3, 0x1.073fa71ba3a9ap-4, 0x1.06736bcac4d18p-5},
    {-0x1.745d42e680fafp-8, -0x1.ce07d8d04d0ebp-10, -0x1.5ef5972e43628p-11, -0x1.338ee839a5faap-12, -0x1.b056973302833p-14, -0x1.134e8f036b068p-15,
     -0x1.aaa9edf5bd757p-17, -0x1.7bc042476f04dp-18, -0x1.0f7cc56d3a4e6p-19, -0x1.5eed3c6678ee5p-21, -0x1.127e2f9b40a9ep-22, -0x1.eb8796278f463p-24,
     -0x1.5e834c7730f46p-2, -0x1.a8be900662e53p-4, -0x1.3be89105e041fp-5, -0x1.0f6e5a079e66p-6},
    {0x1.42e97dea0e0abp-9, 0x1.45924d6f98eadp-11, 0x1.a01ad8986b676p-13, 0x1.3a807bc2b5bcap-14, 0x1.6e4f303d35922p-16, 0x1.7b998d538710ap-18,
     0x1.efe31584ebef7p-20, 0x1.7d79c9dd7915bp-21, 0x1.c54c34ae878p-23, 0x1.de66574007212p-25, 0x1.3c4ca3a86af8p-26, 0x1.eaa114caac789p-28,
     0x1.357604a48e4dfp-2, 0x1.319bdcca5ef0bp-4, 0x1.7f203faaeefe5p-6, 0x1.1c198c2663064p-7},
    {-0x1.1a6692dab7feap-10, -0x1.cf4c6074b626fp-13, -0x1.f28c5a77e934dp-15, -0x1.4528ae3cb318ep-16, -0x1.39ebf42703081p-18, -0x1.08be2b8918dc7p-20,
     -0x1.23821c41803bbp-22, -0x1.83984de0c1c2p-24, -0x1.7ea9866694221p-26, -0x1.499c5d88d43bbp-28, -0x1.7047efddb2b95p-30, -0x1.eeb0e99d10567p-32,
     -0x1.121ff8f3edf6dp-2, -0x1.b9db82d96a2ecp-5, -0x1.d3707eb3f49c1p-7, -0x1.2b7ae6c2016e2p-8},
    {0x1.f0a0889140e9fp-12, 0x1.4bcc0d72a225fp-14, 0x1.2cd82024b957fp-16, 0x1.52cf17e2c2fc6p-18, 0x1.0f432c47961cdp-20, 0x1.7473938841b81p-23,
     0x1.59b324b79771fp-25, 0x1.8d3775da908a2p-27, 0x1.45c90cc058781p-29, 0x1.c9f4c3233903ep-32, 0x1.b040eea75c52bp-34, 0x1.f6af5a3c5acadp-36,
     0x1.e6777384c619ap-3, 0x1.4040eb5712f96p-5, 0x1.1e26eae57c9bcp-7, 0x1.3d1062e790eebp-9},
    {-0x1.b63a673053f6ap-13, -0x1.dd5e3316b676ap-16, -0x1.6cf61594908eap-18, -0x1.63096d3d995d6p-20, -0x1.d7b16c7a50f95p-23, -0x1.07b3371d915d3p-25,
     -0x1.9cb3dffab72cap-28, -0x1.99cfc35309f97p-30, -0x1.1736628113e8cp-32, -0x1.40380ac82bec5p-35, -0x1.fe933c89bae0cp-38, -0x1.00fe06f23f717p-39,
     -0x1.b0040121d1f9p-3, -0x1.d0e7580135ddfp-6, -0x1.5f12d718730c1p-8, -0x1.5095d8a8e41c7p-10},
    {0x1.834fc9b97f02ap-14, 0x1.585bd8365df24p-17, 0x1.bc51a2223eb68p-20, 0x1.759142b163ea4p-22, 0x1.9bb9e91456b69p-25, 0x1.772cb4ec21455p-28,
     0x1.ef32f0b3135e3p-31, 0x1.a905f241496a8p-33, 0x1.e0d1d7e5b9378p-36, 0x1.c20bceafa3a3p-39, 0x1.2f0f429b2ccedp-41, 0x1.0813e2f12501cp-43,
     0x1.7f899a5c93529p-3, 0x1.519afefb5b56ep-6, 0x1.af2fdc983995p-9, 0x1.65e15d7e33dbdp-11},
    {-0x1.571b6c437a31bp-15, -0x1.f213a04c89f9fp-19, -0x1.0f3fec34dc571p-21, -0x1.8a56741e9e18ep-24, -0x1.68f0d2300585p-27, -0x1.0c08b71e1e6c8p-30,
     -0x1.2a63475bcf9c8p-33, -0x1.babd20a7826b2p-36, -0x1.a019372f2d00ep-39, -0x1.3db9ed3617365p-42, -0x1.695e7e8d63dccp-45, -0x1.1085d1683485ep-47,
     -0x1.54d7d49f70cep-3, -0x1.eab550fb0226p-7, -0x1.09099ec0c21ccp-9, -0x1.7cf6d6ee3fb6p-12},
    {0x1.3dfb9a96a43fdp-16, 0x1.7375f60c6a973p-20, 0x1.52ce8dc72468p-23, 0x1.a7c47ad11606ep-26, 0x1.4b668a0f92edp-29, 0x1.8b630018d6c4ap-33,
     0x1.703c0f615dea5p-36, 0x1.d5e56203e65bcp-39, 0x1.791528c59efe7p-42, 0x1.cf14d57a27ffep-46, 0x1.b92956a2e3ad3p-49, 0x1.1e78fa7871c41p-51,
     0x1.3c9ca874402c6p-3, 0x1.6f5b45ac5d48fp-7, 0x1.4cdb0a90aef8ap-10, 0x1.9c3b3e081d8cp-13},
    {-0x1.1a4a857ba97f4p-17, -0x1.0d60cdccf96cbp-21, -0x1.9eecc7f018d18p-25, -0x1.c1157b883118bp-28, -0x1.24008e13f3c77p-31, -0x1.1c26cee460a4fp-35,
     -0x1.be7e73a9ade92p-39, -0x1.ec946a309fb32p-42, -0x1.4882feb692795p-45, -0x1.493158f19f985p-49, -0x1.08c5af5cccap-52, -0x1.299c291f43f33p-55,
     -0x1.195919c04e3fbp-3, -0x1.0b5c21e52a285p-7, -0x1.995d5ac1a0ab3p-11, -0x1.b7c400e2c009fp-14}};

}  // namespace STEEPEST_ISA
}  // namespace st::lane
