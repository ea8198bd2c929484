# The addon: kernels once for each instruction set, and everything else for any processor of the architecture.
#
# Vectors are GCC's and Clang's: on Windows (msbuild_toolset, which each target must set anew) the Clang of Visual Studio.
{
  "variables": {
    "kernel_flags": ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-rtti", "-fno-exceptions"],
    "conditions": [
      ["target_arch=='x64'", {"kernels": ["kernels_sse2", "kernels_avx2", "kernels_avx512"]}, {"kernels": ["kernels_neon"]}],
    ],
  },
  "target_defaults": {
    "default_configuration": "Release",
    "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-fvisibility=hidden", "-fPIC"],
    "cflags!": ["-O2"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "CLANG_CXX_LIBRARY": "libc++",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0",
    },
    "msvs_settings": {
      "VCCLCompilerTool": {"AdditionalOptions": ["/std:c++17"]},
      # Of Node's own build; the archiver of Clang does not know it.
      "VCLibrarianTool": {"AdditionalOptions!": ["/LTCG:INCREMENTAL"]},
    },
  },
  "targets": [
    {
      "target_name": "allpairs",
      "msbuild_toolset": "ClangCL",
      "sources": ["addon.cc", "core/cpu.cc", "core/exact.cc", "core/filter-strips.cc", "core/job.cc", "core/pages.cc", "core/pool.cc", "core/run.cc", "core/small.cc", "core/task.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "dependencies": ["<@(kernels)"],
      "defines!": ["_HAS_EXCEPTIONS=0"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-O2"],
      "xcode_settings": {"GCC_ENABLE_CPP_EXCEPTIONS": "YES", "GCC_OPTIMIZATION_LEVEL": "2"},
      "msvs_settings": {"VCCLCompilerTool": {"ExceptionHandling": 1}},
    },
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_sse2",
          "type": "static_library",
          "msbuild_toolset": "ClangCL",
          "sources": ["kernels/table.cc"],
          "cflags_cc": ["<@(kernel_flags)"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/clang:-O3", "/clang:-ffp-contract=off"]}},
        },
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "msbuild_toolset": "ClangCL",
          "sources": ["kernels/table.cc"],
          "cflags_cc": ["<@(kernel_flags)", "-mavx2", "-mfma"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "-mavx2", "-mfma"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/clang:-O3", "/clang:-ffp-contract=off", "/clang:-mavx2", "/clang:-mfma"]}},
        },
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "msbuild_toolset": "ClangCL",
          "sources": ["kernels/table.cc"],
          "cflags_cc": ["<@(kernel_flags)", "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mfma"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mfma"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/clang:-O3", "/clang:-ffp-contract=off", "/clang:-mavx512f", "/clang:-mavx512vl", "/clang:-mavx512dq", "/clang:-mavx512bw", "/clang:-mfma"]}},
        },
      ],
    }, {
      "targets": [
        {
          "target_name": "kernels_neon",
          "type": "static_library",
          "msbuild_toolset": "ClangCL",
          "sources": ["kernels/table.cc"],
          "cflags_cc": ["<@(kernel_flags)"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/clang:-O3", "/clang:-ffp-contract=off"]}},
        },
      ],
    }],
  ],
}
