using CMUNeXt.Weights;

namespace CMUNeXt;

/// <summary>
/// Adds the weights for the thyroid to <see cref="Pretrained"/>; what they can do and what they cannot is in their model card,
/// <c>docs/reference/model-cards/thyroid-ultrasound.md</c>. Research software: not a medical device, and not for diagnosis.
/// </summary>
public static class PretrainedThyroid
{
    private static readonly Lazy<LoadedWeights> Thyroid = new(
        () => WeightsFile.LoadEmbedded(typeof(PretrainedThyroid).Assembly, "thyroid-ultrasound.safetensors"));

    extension(Pretrained)
    {
        /// <summary>
        /// CMUNeXt-S for nodules in ultrasound images of the thyroid: one class, a sigmoid. Trained on DDTI (Pedraza L., Vargas C.,
        /// Narváez F., Durán O., Muñoz E., Romero E., "An open access thyroid ultrasound image database", SIPAIM 2014, SPIE 9287).
        /// </summary>
        public static LoadedWeights ThyroidUltrasound => Thyroid.Value;
    }
}
