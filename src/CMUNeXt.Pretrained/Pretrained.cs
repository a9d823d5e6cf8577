using CMUNeXt.Weights;

namespace CMUNeXt;

/// <summary>
/// Trained weights that come with the product: <c>Segmenter.Load(Pretrained.BreastUltrasound)</c>. What weights can do and what they cannot
/// is in their metadata and in their model card, <c>docs/reference/model-cards/breast-ultrasound.md</c>. Research software: not a medical
/// device, and not for diagnosis.
/// </summary>
public static class Pretrained
{
    private static readonly Lazy<LoadedWeights> Breast = new(
        () => WeightsFile.LoadEmbedded(typeof(Pretrained).Assembly, "breast-ultrasound.safetensors"));

    /// <summary>
    /// CMUNeXt-S for breast lesions in ultrasound images: one class, a sigmoid. Trained on BUSI (Al-Dhabyani W., Gomaa M., Khaled H.,
    /// Fahmy A., "Dataset of breast ultrasound images", Data in Brief 28 (2020) 104863) and on BUS-UCLM (Vallez N. et al., "BUS-UCLM:
    /// breast ultrasound lesion segmentation dataset", Scientific Data 12 (2025) 242), healthy images among them.
    /// </summary>
    public static LoadedWeights BreastUltrasound => Breast.Value;
}
