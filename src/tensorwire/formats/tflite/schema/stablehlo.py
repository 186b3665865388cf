"""schema.fbs: the options of the second union, StableHLO's among them."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

TABLES: tuple[tuple[Any, ...], ...] = (
    ("DilateOptions", ()),
    ("ReduceWindowOptions", (("reduce_function", "ReduceWindowFunction"),)),
    ("StableHLOCompositeOptions", (
        ("name", "string"),
        ("decomposition_subgraph_index", "int32"),
        ("composite_attributes", "[uint8]"),
        ("composite_attributes_format", "CustomOptionsFormat"),
        ("version", "int32"),
    )),
    ("StablehloBroadcastInDimOptions", (("broadcast_dimensions", "[int64]"),)),
    ("StablehloCaseOptions", (("branch_subgraph_indices", "[int32]"),)),
    ("StablehloCompareOptions", (
        ("comparison_direction", "StablehloComparisonDirection"),
        ("compare_type", "StablehloComparisonType"),
    )),
    ("StablehloConcatenateOptions", (("dimension", "int64"),)),
    ("StablehloConvolutionOptions", (
        ("window_strides", "[int64]"),
        ("padding", "[int64]"),
        ("lhs_dilation", "[int64]"),
        ("rhs_dilation", "[int64]"),
        ("window_reversal", "[bool]"),
        ("input_batch_dimension", "int64"),
        ("input_feature_dimension", "int64"),
        ("input_spatial_dimensions", "[int64]"),
        ("kernel_input_feature_dimension", "int64"),
        ("kernel_output_feature_dimension", "int64"),
        ("kernel_spatial_dimensions", "[int64]"),
        ("output_batch_dimension", "int64"),
        ("output_feature_dimension", "int64"),
        ("output_spatial_dimensions", "[int64]"),
        ("feature_group_count", "int64"),
        ("batch_group_count", "int64"),
        ("precision_config", "[StablehloPrecisionConfig]"),
    )),
    ("StablehloCustomCallOptions", (
        ("call_target_name", "string"),
        ("has_side_effect", "bool"),
        ("backend_config", "string"),
        ("api_version", "int32"),
        ("called_computations", "[int32]"),
        ("custom_attributes", "[uint8]"),
    )),
    ("StablehloDotGeneralOptions", (
        ("lhs_batching_dimensions", "[int64]"),
        ("rhs_batching_dimensions", "[int64]"),
        ("lhs_contracting_dimensions", "[int64]"),
        ("rhs_contracting_dimensions", "[int64]"),
        ("precision_config", "[StablehloPrecisionConfig]"),
    )),
    ("StablehloDynamicSliceOptions", (("slice_sizes", "[int64]"),)),
    ("StablehloGatherOptions", (
        ("offset_dims", "[int64]"),
        ("collapsed_slice_dims", "[int64]"),
        ("start_index_map", "[int64]"),
        ("index_vector_dim", "int64"),
        ("slice_sizes", "[int64]"),
        ("indices_are_sorted", "bool"),
    )),
    ("StablehloIotaOptions", (("iota_dimension", "int64"),)),
    ("StablehloPadOptions", (
        ("edge_padding_low", "[int64]"),
        ("edge_padding_high", "[int64]"),
        ("interior_padding", "[int64]"),
    )),
    ("StablehloReduceOptions", (("dimensions", "[int64]"), ("body_subgraph_index", "int32"))),
    ("StablehloReduceWindowOptions", (
        ("window_dimensions", "[int64]"),
        ("window_strides", "[int64]"),
        ("base_dilations", "[int64]"),
        ("window_dilations", "[int64]"),
        ("padding", "[int64]"),
        ("body_subgraph_index", "int32"),
    )),
    ("StablehloRngBitGeneratorOptions", (("algorithm", "RngAlgorithm"),)),
    ("StablehloScatterOptions", (
        ("indices_are_sorted", "bool"),
        ("update_window_dims", "[int64]"),
        ("inserted_window_dims", "[int64]"),
        ("scatter_dims_to_operand_dims", "[int64]"),
        ("index_vector_dim", "int64"),
        ("unique_indices", "bool"),
        ("update_computation_subgraph_index", "int32"),
    )),
    ("StablehloShiftLeftOptions", ()),
    ("StablehloSliceOptions", (
        ("start_indices", "[int64]"),
        ("limit_indices", "[int64]"),
        ("strides", "[int64]"),
    )),
    ("StablehloSortOptions", (
        ("dimension", "int64"),
        ("is_stable", "bool"),
        ("comparator_subgraph_index", "int32"),
    )),
    ("StablehloTransposeOptions", (("permutation", "[int64]"),)),
    ("StablehloWhileOptions", (("cond_subgraph_index", "int32"), ("body_subgraph_index", "int32"))),
)  # fmt: skip

ENUMS: tuple[tuple[Any, ...], ...] = (
    ("ReduceWindowFunction", "int32", (
        ("UNSUPPORTED", 0), ("ADD", 1), ("MUL", 2), ("MINIMUM", 3), ("MAXIMUM", 4), ("ALL", 5),
        ("ANY", 6),
    )),
    ("RngAlgorithm", "int8", (
        ("DEFAULT", 0), ("PHILOX", 1), ("THREEFRY", 2),
    )),
    ("StablehloComparisonDirection", "uint32", (
        ("STABLEHLO_COMPARISON_DIRECTION_EQ", 0), ("STABLEHLO_COMPARISON_DIRECTION_NE", 1),
        ("STABLEHLO_COMPARISON_DIRECTION_GE", 2), ("STABLEHLO_COMPARISON_DIRECTION_GT", 3),
        ("STABLEHLO_COMPARISON_DIRECTION_LE", 4), ("STABLEHLO_COMPARISON_DIRECTION_LT", 5),
    )),
    ("StablehloComparisonType", "uint32", (
        ("STABLEHLO_COMPARISON_TYPE_NOTYPE", 0), ("STABLEHLO_COMPARISON_TYPE_FLOAT", 1),
        ("STABLEHLO_COMPARISON_TYPE_FLOAT_TOTAL_ORDER", 2), ("STABLEHLO_COMPARISON_TYPE_SIGNED", 3),
        ("STABLEHLO_COMPARISON_TYPE_UNSIGNED", 4),
    )),
    ("StablehloPrecisionConfig", "uint32", (
        ("DEFAULT", 0), ("HIGH", 1), ("HIGHEST", 2),
    )),
)  # fmt: skip
