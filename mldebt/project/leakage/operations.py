"""What operations on tables and arrays do to their rows, by the name of the method or function.

The names are those that data frames and arrays share across libraries. What a name stands for on a known object is the catalogue's
to say; this table is only about which rows the result holds and whether it tells something of all of them.
"""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAME = words(  # the rows of the receiver or of the first argument, one for one
    "abs add_prefix add_suffix apply applymap array asanyarray asarray ascontiguousarray asfarray asformat asmatrix assign "
    "astype atleast_2d between bfill bool byte capitalize cast cat cbrt ceil char clip coalesce compute contains "
    "convert_dtypes copy cos cpu csc_matrix csr_matrix cuda cummax cummin cumprod cumsum DataFrame DataLoader decode deepcopy "
    "deg2rad detach diff DMatrix double encode exp expm1 eval explain extract factorize fillna fit_transform fix float floor "
    "from_numpy from_pandas get get_dummies half infer_objects insert int isna isnull ljust log log10 log1p log2 long lower "
    "lstrip map mask nan_to_num notna notnull numpy pad_sequences persist pipe Pool pop power ppf rad2deg rank rename "
    "rename_axis reset_index replace reindex_axis round rint rstrip select_dtypes select set_axis set_index shift short sign "
    "sin slice sort_index sort_values sqrt square strip tan tanh tensor texts_to_matrix texts_to_sequences title to "
    "to_categorical to_csr to_dataframe to_dict to_dense to_frame to_numeric to_datetime to_list to_numpy to_pandas toPandas "
    "to_sparse to_tensor to_timedelta toarray tocoo tocsc tocsr todense tolist transform tz_convert tz_localize upper values "
    "view where withColumn withColumnRenamed zfill one_hot pad_sequence as_matrix convert_to_tensor FloatTensor LongTensor "
    "Tensor Dataset TensorDataset iloc loc T Series list tuple enumerate"
)
SOME = words(  # rows of the receiver or of the first argument, chosen, repeated, joined or rearranged
    "align append batch block broadcast_to choose column_stack combine combine_first compress concat concatenate delete "
    "diagonal distinct drop drop_duplicates dropna droplevel dstack explode expand_dims extend filter flatten head hstack "
    "iterrows items itertuples isin join lookup matmul melt merge merge_asof merge_ordered nlargest nsmallest permutation "
    "pivot query ravel reindex repeat reshape row_stack r_ c_ sample shuffle squeeze stack swapaxes tail take tile transpose "
    "truncate union unionAll unstack vstack xs split array_split limit prefetch cache unbatch skip flow flow_from_dataframe "
    "next iter zip chain sorted reversed to_records random_split randperm subset Subset dot"
)
STATISTICS = words(  # one answer from many rows
    "mean nanmean median nanmedian std nanstd var nanvar quantile nanquantile percentile nanpercentile mode max amax nanmax "
    "min amin nanmin average ptp sem"
)
WEAK_STATISTICS = words(  # of these a feature seldom learns anything of the rows that are held back
    "agg aggregate corr cov corrcoef skew kurt kurtosis groupby sum count nunique unique value_counts describe prod cumsum "
    "cumprod cummax cummin idxmax idxmin bincount histogram argmax argmin rank interpolate ffill bfill backfill pad"
)
GROUPS = frozenset({"groupby", "groupBy", "rolling", "expanding", "ewm", "resample", "over"})
BINS = frozenset({"cut", "qcut"})  # limits taken from the data
SCALES = frozenset({"scale", "minmax_scale", "maxabs_scale", "robust_scale", "quantile_transform", "power_transform", "boxcox", "zscore"})
UNIONS = frozenset({"concat", "concatenate", "vstack", "row_stack", "append", "union", "unionAll", "r_", "chain"})
SIDEWAYS = frozenset({"column_stack", "hstack", "c_", "make_union"})
STACKS = frozenset({"append", "union", "unionAll", "extend"})  # rows of the argument after those of the receiver
MATCHES = frozenset({"merge", "join", "merge_asof", "merge_ordered", "combine_first"})  # columns of the argument, looked up by a key
SPLITS = frozenset({"train_test_split", "random_split", "randomSplit"})
DESIGNS = frozenset({"dmatrix", "dmatrices"})  # a formula, then the data
RESAMPLES = frozenset({"fit_resample", "fit_sample"})

FITS = frozenset({"fit", "fit_generator", "partial_fit", "train_on_batch"})
LEARNS = FITS | {"fit_transform", "fit_predict", "fit_on_texts", "fit_on_sequences"}
PREDICTS = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function", "predict_classes", "predict_generator"})
SCORES = frozenset({"score", "evaluate", "evaluate_generator"})

# Classes that take nothing from the rows but the list of their values, or nothing at all.
STATELESS = words(
    "LabelEncoder LabelBinarizer MultiLabelBinarizer OneHotEncoder OrdinalEncoder PolynomialFeatures FunctionTransformer "
    "Normalizer Binarizer HashingVectorizer FeatureHasher DictVectorizer LabelIndexer StringIndexer VectorAssembler "
    "ColumnSelector DataFrameSelector"
)
_COLUMNS = (
    r"cols?|columns?|feats?|features?|predictors?|fields?|vars?|variables?|names?|attributes?|inputs?|numeric\w*|numerical\w*|categor\w*"
)
COLUMN_NAMES = re.compile(rf"(?:^|_|\.)(?:{_COLUMNS}|cats?|nums?)(?:_|$|\d)|cols$|columns$|features$|feats$|predictors$", re.IGNORECASE)
# Keys and fields that hold one of several sets of rows, not a column.
PART_NAMES = re.compile(r"(?:^|_)(?:x_?|y_?)?(?:train|te?st|val|valid|validation|dev|holdout|eval|fold)(?:ing|s)?(?:_|$|\d)", re.IGNORECASE)
